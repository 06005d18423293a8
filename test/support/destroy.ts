import type { Deployment } from './deployment.ts';
import { hourMs } from './time.ts';

/** Destroys the stack. @returns CloudFormation's answer, and the seconds until it came. Throws if none comes within two hours. */
export async function destroy({ aws, clock, cloudFormation, stack }: Deployment) {
  const began = clock.now();
  const fn = stack.functions.find(({ title }) => title === 'Drain');
  const answered = cloudFormation.nextAnswer();
  aws.lambda.invokeLater(fn?.name ?? '', cloudFormation.request('Delete'));
  const answer = await clock.run(answered, 2 * hourMs);
  return { answer, seconds: (clock.now() - began) / 1000 };
}
