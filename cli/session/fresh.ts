/** The bastion that the disk remembers, without a look at the API. */
import { checkedUrl } from '../api/endpoint.ts';
import { bastionFolder, type Environment } from '../state/places.ts';
import { isFresh, type LiveBastion, recall } from '../state/session.ts';
import type { Settings } from '../state/settings.ts';

/** @returns undefined when it cannot be believed any more */
export function freshBastion({ values }: Pick<Settings, 'values'>, env: Environment): LiveBastion | undefined {
  if (values.url === undefined) return undefined;
  const bastion = recall(bastionFolder(env, checkedUrl(values.url, 'the settings').url, values.user));
  return bastion !== undefined && isFresh(bastion, Date.now()) ? bastion : undefined;
}
