/** The place of a database or a cache, by its id in the person's account. */
import { CliError, exitCodes } from '../terminal/errors.ts';
import { nearest } from '../terminal/nearest.ts';
import type { Account } from './account.ts';
import { AccountError } from './errors.ts';

export interface Place {
  readonly host: string;
  readonly port: number;
  /** `postgres`, `aurora-mysql`, `valkey`. */
  readonly engine: string;
  /** Whether its nodes refer clients to each other's addresses, as in the cluster mode of Redis. */
  readonly refersElsewhere?: boolean;
}

/** A resource that AWS describes. It has no place before it is created. */
export interface Described {
  readonly id: string;
  readonly status: string;
  readonly place: Place | undefined;
}

/** One kind of resource. */
export interface Kind {
  /** `RDS instance`. */
  readonly title: string;
  /** AWS's code for an id that it does not know. */
  readonly unknownCode: string;
  /** The resource of that id, or all of them. */
  describe(account: Account, id?: string): Promise<readonly Described[]>;
}

/** Finds the resource of the first kind that has the id. Throws a CliError that names the nearest of those that there are. */
export async function findPlace(account: Account, kinds: readonly Kind[], id: string): Promise<Place> {
  for (const kind of kinds) {
    const [found] = await describedBy(kind, account, id);
    if (found?.place !== undefined) return found.place;
    if (found !== undefined) {
      throw new CliError(
        `The ${kind.title} ${id} is ${found.status} and has no address yet. Try again when it is available.`,
        exitCodes.tryAgain,
      );
    }
  }
  const titles = kinds.map(({ title }) => title).join(' or ');
  const ids = await knownIds(account, kinds);
  const known = ids.length === 0 ? '' : ` The nearest of ${ids.length} is ${nearest(id, ids)}.`;
  throw new CliError(
    `No ${titles} is called ${id} in ${account.region}.${known} Check the id, --region and the profile.`,
    exitCodes.failed,
  );
}

async function describedBy(kind: Kind, account: Account, id: string): Promise<readonly Described[]> {
  try {
    return await kind.describe(account, id);
  } catch (error) {
    if (error instanceof AccountError && error.code === kind.unknownCode) return [];
    throw error;
  }
}

/** For advice alone: a person may see one resource and not the list. */
async function knownIds(account: Account, kinds: readonly Kind[]): Promise<string[]> {
  const lists = await Promise.all(kinds.map((kind) => kind.describe(account).catch(() => [])));
  return lists.flat().map(({ id }) => id);
}
