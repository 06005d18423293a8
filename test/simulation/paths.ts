/** What is done with a bastion and about it, each as the calls that do it, and the state in which it must end. */
import { isDue } from '../../lambdas/core/session/session.ts';
import { ghost, makeGroup, runTask, stackTag } from '../support/resources.ts';
import { minuteMs } from '../support/time.ts';
import { ann, type Scene } from './scene.ts';

export interface Path {
  /** The functions whose calls make the path. */
  readonly functions: readonly string[];
  /** What leads up to it. */
  readonly before: (scene: Scene) => Promise<unknown>;
  /** What the caller is told. */
  readonly act: (scene: Scene) => Promise<string>;
  /** What callers must be told in the end: until they are, they ask again. */
  readonly until?: string;
  /** Looks again; the reaper's pass, a minute later, if it does not say otherwise. */
  readonly again?: (scene: Scene) => Promise<unknown>;
  /** What is not, or not yet, as it should be when all is done, besides what must hold at any rest. */
  readonly amiss: (scene: Scene, told: string) => Promise<readonly string[]>;
}

const start = (scene: Scene) => scene.ask('POST /');
const startTarget = (scene: Scene) => scene.startTarget();
const move = (scene: Scene) => scene.ask('POST /', { from: ann.elsewhere });

export const paths: Readonly<Record<string, Path>> = {
  start: { functions: ['Start'], before: async () => {}, act: start, amiss: oneOrNone },
  move: {
    functions: ['Start'],
    before: start,
    act: move,
    amiss: async (scene, told) => [...(await one(scene)), ...(told === '200' ? whoIsIn(scene, ann.elsewhere) : [])],
  },
  'check-up': {
    functions: ['Reaper'],
    // The request has put the new address into the row, and dies before the group has it.
    before: async (scene) => {
      await start(scene);
      await scene.with('function killed before it', 'AuthorizeSecurityGroupIngress', 'Start', () => move(scene));
    },
    act: async (scene) => {
      await scene.bastions.clock.advance(minuteMs / 2);
      return scene.pass();
    },
    amiss: async (scene) => [...(await one(scene)), ...whoIsIn(scene, ann.elsewhere), ...(await overlooked(scene))],
  },
  stop: { functions: ['Stop'], before: start, act: (scene) => scene.ask('DELETE /'), until: '200', amiss: nothing },
  // Of a target, which has a handoff besides.
  converge: {
    functions: ['Teardown', 'TaskStopped'],
    before: startTarget,
    act: async (scene) => {
      const told = await scene.stopTarget();
      await scene.bastions.clock.advance(5000);
      return told;
    },
    amiss: nothing,
  },
  reap: {
    functions: ['Reaper'],
    before: async (scene) => {
      await start(scene);
      await scene.bastions.clock.advance(9.5 * minuteMs);
    },
    act: (scene) => scene.pass(),
    amiss: nothing,
  },
  'reap a dead start': {
    functions: ['Reaper'],
    before: async (scene) => {
      await scene.with('function killed after it', 'RunTask', 'Start', () => start(scene));
      await scene.bastions.clock.advance(minuteMs / 2);
    },
    act: (scene) => scene.pass(),
    amiss: nothing,
  },
  'webhook start': {
    functions: ['WebhookStart'],
    before: async () => {},
    act: startTarget,
    amiss: handedOverOrNothing,
  },
  'webhook stop': {
    functions: ['WebhookStop'],
    before: startTarget,
    act: (scene) => scene.stopTarget(),
    until: '200',
    amiss: nothing,
  },
  sweep: {
    functions: ['Sweeper'],
    // A task and a group that no session explains have been seen once.
    before: async (scene) => {
      await makeGroup(scene.bastions, `bastion-${ghost()}`, stackTag);
      await runTask(scene.bastions, ghost(), stackTag);
      await scene.sweep();
    },
    act: (scene) => scene.sweep(),
    again: (scene) => scene.sweep(),
    amiss: nothing,
  },
};

async function nothing(scene: Scene): Promise<string[]> {
  return scene.left();
}

/** One bastion, which lets in its owner from where its row says, and nobody from elsewhere. */
async function one(scene: Scene): Promise<string[]> {
  const [row, ...others] = scene.live;
  if (!row || others.length > 0) return [`${scene.live.length} sessions live, expected one`];
  const at = await scene.whereabouts();
  if (!at) return [`session ${row.sessionId} is not ready`];
  return [ann.home, ann.elsewhere].flatMap((sourceIp) => {
    const isIn = scene.bastions.containers.letsIn(at.host, { port: at.port, sourceIp });
    if (isIn === row.allowedCidrs.includes(`${sourceIp}/32`)) return [];
    return [`${sourceIp} ${isIn ? 'gets in' : 'does not get in'}, and ${row.allowedCidrs.join()} should`];
  });
}

async function oneOrNone(scene: Scene, told: string): Promise<string[]> {
  return scene.live.length === 0 && told !== '200' ? scene.left() : one(scene);
}

/** The address that is to be let in. */
const whoIsIn = ({ live }: Scene, expected: string): string[] =>
  live.flatMap(({ allowedCidrs }) =>
    allowedCidrs.join() === `${expected}/32` ? [] : [`${allowedCidrs.join()} may connect, expected ${expected}`],
  );

/** Nobody has looked at a session that is due. */
async function overlooked({ bastions, live }: Scene): Promise<string[]> {
  const { clock, sessions } = bastions;
  const rows = await clock.run(Promise.all(live.map(({ sessionId }) => sessions.find(sessionId))));
  return rows.flatMap((row) => (row && isDue(row, clock.now()) ? [`session ${row.sessionId} is due`] : []));
}

async function handedOverOrNothing(scene: Scene, told: string): Promise<string[]> {
  const [row, ...others] = scene.live;
  if (!row && told !== '200') return scene.left();
  if (!row || others.length > 0) return [`${scene.live.length} targets live, expected one`];
  return scene.wasHandedOver(row.taskArn) ? [] : [`the agent of ${row.sessionId} was not handed its activation`];
}
