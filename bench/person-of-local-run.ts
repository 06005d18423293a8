import type { Closers } from '../local/closers.ts';
import { startLocal } from '../local/run.ts';
import { makePerson, type Person } from '../test/cli/person.ts';

/** Starts a local run, and makes a person whose command asks it, until `closers` close. */
export async function personOfLocalRun(
  closers: Closers,
): Promise<{ readonly person: Person; readonly apiUrl: string }> {
  const { apiUrl } = await startLocal(
    { apiPort: 0, awsPort: 0, context: {}, containers: 'processes', buildArguments: {}, log: () => {} },
    closers,
  );
  const person = await makePerson({ url: apiUrl });
  closers.add(async () => {
    await person[Symbol.asyncDispose]();
  });
  return { person, apiUrl };
}
