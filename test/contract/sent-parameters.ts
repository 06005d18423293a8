import type { Interceptor } from '../../emulator/wire.ts';

/** Notes the parameters that calls have, by operation: `ecs RunTask`. Their paths pass over the places in lists. */
export class SentParameters {
  readonly #paths = new Map<string, Set<string>>();

  readonly note: Interceptor = (call, proceed) => {
    const operation = `${call.service} ${call.action}`;
    const paths = this.#paths.get(operation) ?? new Set();
    this.#paths.set(operation, paths);
    for (const path of pathsIn(call.input)) paths.add(path);
    return proceed();
  };

  /** Says whether a call had the parameter. In its path `*` stands for any name. */
  has(operation: string, parameter: string): boolean {
    const names = parameter.split('.');
    return [...(this.#paths.get(operation) ?? [])].some((path) => {
      const sentNames = path.split('.');
      return sentNames.length === names.length && names.every((name, n) => name === '*' || name === sentNames[n]);
    });
  }
}

function pathsIn(input: unknown): string[] {
  if (typeof input !== 'object' || input === null) return [];
  if (Array.isArray(input)) return input.flatMap(pathsIn);
  return Object.entries(input).flatMap(([name, member]) => [name, ...pathsIn(member).map((path) => `${name}.${path}`)]);
}
