/** Reads the caller from a request: by the identity that the authorizer of its route has checked, and by no other. */
import { Forbidden } from '../../core/session/errors.ts';
import { callerIdOf, doorOf } from '../caller-id.ts';
import type { HttpEvent } from '../event.ts';
import type { Caller, CallerSettings } from './caller.ts';
import { iamCaller } from './iam-caller.ts';
import { personOf } from './person.ts';
import { workloadOf } from './workload.ts';

/** Throws `Forbidden` when the request carries no checked identity, or one that is not let in. */
export function callerOf(event: HttpEvent, settings: CallerSettings): Caller {
  const { signIn, ciRepositories } = settings;
  const id = callerIdOf(event);
  const door = doorOf(event);
  if (door === 'iam') return iamCaller(id, settings);
  if (id === undefined) {
    throw new Forbidden(
      'The request has no checked token with a subject of at most 255 ASCII characters. Sign in again, and send the token as ' +
        '"Authorization: Bearer".',
    );
  }
  if (door === 'person' && signIn !== undefined) return personOf(event, id, signIn);
  if (door === 'workload' && ciRepositories !== undefined) return workloadOf(event, id, ciRepositories);
  throw new Forbidden(
    'This deployment takes no tokens here. Its operator must deploy it again with the settings for sign-in.',
  );
}
