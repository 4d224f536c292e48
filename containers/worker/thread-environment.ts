/** The environment of a thread, which is its own copy of the process's: that of the image, and over it the application's `env`. */
export class ThreadEnvironment {
  readonly #image: NodeJS.ProcessEnv = { ...process.env };
  #application: Readonly<Record<string, string>> = {};

  enter(env: Readonly<Record<string, string>>): void {
    if (env === this.#application) return;
    for (const name of Object.keys(this.#application)) {
      const value = this.#image[name];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    Object.assign(process.env, env);
    this.#application = env;
  }
}
