import { expect, it } from 'vitest';
import { deploy } from '../support/deploy.ts';
import type { Deployment } from '../support/deployment.ts';
import { arjen, berta } from '../support/people.ts';
import { minuteMs } from '../support/time.ts';
import { Dice } from './dice.ts';
import { KeepTagActor } from './keep-tag-actor.ts';
import { Oracle } from './oracle.ts';

it('protects the next session if the one it meant ends before its tag is set', async () => {
  let tags = 0;
  const bastions: Deployment = await deploy({
    async onCall(call, proceed, invocation) {
      const isPersons = invocation === undefined && call.action === 'CreateTags';
      if (isPersons && ++tags === 1) {
        await bastions.send('DELETE /', arjen);
        await bastions.clock.sleep(2 * minuteMs);
      }
      return oracle.watch(call, proceed, invocation?.title);
    },
  });
  const { clock, aws } = bastions;
  const oracle: Oracle = new Oracle(() => bastions);
  oracle.begin();
  await clock.run(bastions.send('POST /', arjen));
  const actor = new KeepTagActor();
  const acting = actor.act({ bastions, oracle, dice: new Dice(1), until: clock.now() + 60 * minuteMs });
  await clock.advance(10 * minuteMs);
  const { json } = await clock.run(bastions.send('POST /', berta));
  await clock.run(acting);
  const kept = () => aws.ec2.groups.all().filter(({ tags }) => tags.has('bastion:keep'));
  expect({ tags, kept: kept().map(({ name }) => name) }).toEqual({ tags: 2, kept: [`bastion-${json.sessionId}`] });
  await actor.removeTag(bastions, oracle);
  expect(kept()).toEqual([]);
});
