import type { Deployment } from './deployment.ts';

const second = 1000;
const hour = 3600 * second;

/** Has the stack destroyed; the answer, and after how many seconds it came. */
export async function destroy({ aws, clock, cloudFormation, stack }: Deployment) {
  const [before, began] = [cloudFormation.answers.length, clock.now()];
  const fn = stack.functions.find(({ title }) => title === 'Drain');
  aws.lambda.invokeLater(fn?.name ?? '', cloudFormation.request('Delete'));
  while (cloudFormation.answers.length === before && clock.now() < began + hour) await clock.advance(second);
  return { answer: cloudFormation.answers[before], seconds: (clock.now() - began) / second };
}
