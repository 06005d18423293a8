import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { agentKinds } from '../../contracts/agent.ts';
import { signInSettings } from '../support/settings.ts';
import { type Resources, root, synthesize } from './synthesize.ts';

const golden = 'test/golden/logical-ids.txt';

let resources: Resources;

beforeAll(async () => {
  ({ resources } = await synthesize({
    agents: agentKinds.join(','),
    alarmEmail: 'ops@example.com',
    eventEmail: 'team@example.com',
    dashboard: 'true',
    ...signInSettings,
  }));
});

describe('the logical ids', () => {
  it('stay what they were in the last release, each with its type', async () => {
    const released = (await readFile(join(root, golden), 'utf8')).trimEnd().split('\n');
    const changed = released.filter((line) => {
      const [id = '', type] = line.split(' ');
      return resources[id]?.Type !== type;
    });
    expect(
      changed,
      'CloudFormation deletes a resource whose logical id is gone, with everything in it, and creates another. An update would ' +
        'lose sessions or cut people off. Keep the id: a construct path makes it. If the loss is meant, say so in CHANGELOG.md ' +
        `and take these lines out of ${golden}`,
    ).toEqual([]);
  });

  it('stand in the golden file, all of them (after an addition: vitest -u)', async () => {
    const lines = Object.entries(resources).map(([id, { Type }]) => `${id} ${Type}\n`);
    await expect(lines.sort().join('')).toMatchFileSnapshot(join(root, golden));
  });
});
