export async function handler(): Promise<null> {
  return null;
}
