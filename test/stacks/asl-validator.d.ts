/** The package brings no types. */
declare module "asl-validator" {
  const validate: (definition: object) => { readonly isValid: boolean; errorsText(separator?: string): string };
  export default validate;
}
