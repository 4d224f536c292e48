/** A job's input: how many tasks. Default 1. */
export interface Input {
  readonly tasks?: number;
}

export function* split(input: Input | null): Generator<null> {
  const { tasks = 1 } = input ?? {};
  for (let task = 0; task < tasks; task++) yield null;
}
