/** A path, and the final states that several paths share. */
import { ann, type Scene } from './scene.ts';

export interface Path {
  /** The titles of the functions whose calls are the path's steps. */
  readonly functions: readonly string[];
  /** Bastions that the pool keeps. Default: 0. */
  readonly poolSize?: number;
  /** Leads up to the path. */
  readonly prepare: (scene: Scene) => Promise<unknown>;
  /** Walks the path. @returns the caller's reply */
  readonly act: (scene: Scene) => Promise<string>;
  /** The caller tries again until it gets this reply. */
  readonly expectedReply?: string;
  /** Looks once more. Default: the reaper's next pass. */
  readonly lookAgain?: (scene: Scene) => Promise<unknown>;
  /** Returns every deviation from the path's final state. All paths share the checks of final-state.ts besides. */
  readonly flaws: (scene: Scene, replies: string) => Promise<readonly string[]>;
}

/** Two requests of Ann's, from two addresses, the second soon after the first. */
export async function startTwice(scene: Scene, betweenMs: number): Promise<string> {
  const { clock } = scene.bastions;
  const first = scene.asking('POST /');
  await clock.advance(betweenMs);
  const replies = await clock.run(Promise.all([first, scene.asking('POST /', { from: ann.elsewhere })]));
  return replies.includes('200') ? '200' : replies.join(' and ');
}

/** Nothing of any session is there, but for the bastions that wait in the pool. */
export async function nothing(scene: Scene): Promise<string[]> {
  return scene.leftovers(scene.pooledRows);
}

/** One bastion lives. Of Ann's two addresses it allows the one in its row, and only that one. */
export async function oneBastion(scene: Scene): Promise<string[]> {
  const [row, ...otherRows] = scene.ownedRows;
  if (!row || otherRows.length > 0) return [`${scene.ownedRows.length} sessions live, expected one`];
  const address = await scene.readyHost();
  if (!address) return [`session ${row.sessionId} is not ready`];
  return [ann.home, ann.elsewhere].flatMap((sourceIp) => {
    const isAllowed = scene.bastions.containers.letsIn(address.host, { port: address.port, sourceIp });
    if (isAllowed === row.allowedCidrs.includes(`${sourceIp}/32`)) return [];
    return [
      `${sourceIp} is ${isAllowed ? 'allowed' : 'refused'}, expected ${row.allowedCidrs.join()} alone to be allowed`,
    ];
  });
}

export async function oneBastionOrNothing(scene: Scene, replies: string): Promise<string[]> {
  return scene.ownedRows.length === 0 && replies !== '200' ? nothing(scene) : oneBastion(scene);
}
