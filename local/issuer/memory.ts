/** The state of the issuer, which ends with the run. */
import type { Adapter, AdapterPayload } from 'oidc-provider';

/** Items by `<kind>:<id>`, of all kinds. */
export type Items = Map<string, AdapterPayload>;

/** The items of one kind. The provider itself looks at their expiry. */
export class MemoryAdapter implements Adapter {
  readonly #items: Items;
  readonly #kind: string;

  constructor(items: Items, kind: string) {
    this.#items = items;
    this.#kind = kind;
  }

  async upsert(id: string, item: AdapterPayload): Promise<void> {
    this.#items.set(`${this.#kind}:${id}`, item);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#items.get(`${this.#kind}:${id}`);
  }

  findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#findBy((item) => item.userCode === userCode);
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#findBy((item) => item.uid === uid);
  }

  async consume(id: string): Promise<void> {
    const item = await this.find(id);
    if (item) await this.upsert(id, { ...item, consumed: Math.floor(Date.now() / 1000) });
  }

  async destroy(id: string): Promise<void> {
    this.#items.delete(`${this.#kind}:${id}`);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, item] of this.#items) if (item.grantId === grantId) this.#items.delete(key);
  }

  async #findBy(fits: (item: AdapterPayload) => boolean): Promise<AdapterPayload | undefined> {
    const prefix = `${this.#kind}:`;
    return [...this.#items].find(([key, item]) => key.startsWith(prefix) && fits(item))?.[1];
  }
}
