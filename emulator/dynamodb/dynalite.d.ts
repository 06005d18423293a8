/** dynalite carries no types of its own. These are the parts that are used here. https://github.com/architect/dynalite */
declare module 'dynalite/db/index.js' {
  export interface Store {
    /** The lower-level database that holds every table. */
    readonly db: object;
  }

  const db: {
    create(options: {
      readonly createTableMs: number;
      readonly deleteTableMs: number;
      readonly updateTableMs: number;
    }): Store;
  };
  export default db;
}

declare module 'dynalite/validations/index.js' {
  import type { Store } from 'dynalite/db/index.js';

  const validations: {
    /** Deletes from `request` what `types` lacks, and returns the rest. Throws an error with `statusCode` and `body`. */
    checkTypes(request: object, types: object): object;
    /** Adds what it has parsed to `request`. Throws an error with `statusCode` and `body`. */
    checkValidations(request: object, types: object, custom: unknown, store: Store): void;
  };
  export default validations;
}
