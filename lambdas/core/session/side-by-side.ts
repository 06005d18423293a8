/** Looks at many sessions or resources at the same time, so that what they ask of AWS comes in few calls. */

/** As many as most calls of AWS take. */
const mostSideBySide = 100;

/**
 * Runs the action for each item, for a hundred of them side by side. Takes no more of them once `isOver`.
 * @returns true if it has taken all
 */
export async function sideBySide<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  isOver: () => boolean,
  action: (item: Item) => Promise<void>,
): Promise<boolean> {
  let group: Item[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < mostSideBySide) continue;
    if (isOver()) return false;
    await Promise.all(group.map(action));
    group = [];
  }
  if (group.length > 0 && isOver()) return false;
  await Promise.all(group.map(action));
  return true;
}
