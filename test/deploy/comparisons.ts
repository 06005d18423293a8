/** Each resource of a deployed template beside the one that it became. */
import { differences } from './compare.ts';
import { hiddenTypes } from './gaps.ts';
import { resolvedTemplate } from './resolved.ts';
import type { Deployed } from './set-up-deployment.ts';

export interface Comparison {
  readonly type: string;
  readonly logicalId: string;
  readonly exists: boolean;
  /** The properties that differ. */
  readonly paths: readonly string[];
}

export function comparisons(deployed: Deployed): Comparison[] {
  const template = resolvedTemplate(deployed);
  const types = template.types().filter((type) => !(type in hiddenTypes));
  return types.flatMap((type) => {
    const rows = deployed.inventory[type] ?? {};
    return template.resources(type).map(({ logicalId, ref, properties }) => {
      // A policy and a permission have no id that their service knows.
      const found = rows[ref] ?? Object.values(rows).find((row) => differences(properties, row).length === 0);
      return { type, logicalId, exists: found !== undefined, paths: found ? differences(properties, found) : [] };
    });
  });
}
