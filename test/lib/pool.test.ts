/** What a stack has more when it has a pool. */
import { beforeAll, describe, expect, it } from 'vitest';
import { permissionsInWords } from './permissions.ts';
import { synthesize } from './synthesize.ts';

let plain: Awaited<ReturnType<typeof synthesize>>;
let pooled: Awaited<ReturnType<typeof synthesize>>;

beforeAll(async () => {
  plain = await synthesize();
  pooled = await synthesize({ poolSize: '2' });
});

const sentencesOf = ({ resources }: typeof plain) => permissionsInWords(resources).split(/\n(?=\S)/);

describe('a stack with a pool', () => {
  it('has the permissions of the golden file beside those of every stack', async () => {
    const others = sentencesOf(plain);
    const more = sentencesOf(pooled).filter((role) => !others.includes(role));
    await expect(more.join('\n')).toMatchFileSnapshot('../golden/permissions-of-a-pool.txt');
  });

  it('runs the pool’s function every minute', () => {
    pooled.template.hasResourceProperties('AWS::Scheduler::Schedule', {
      Description: 'Has the pool start the bastions that it lacks.',
      ScheduleExpression: 'rate(1 minute)',
    });
  });

  it('says what the pool costs', () => {
    expect(Object.keys(plain.template.findOutputs('PoolPricePerMonth'))).toEqual([]);
  });
});
