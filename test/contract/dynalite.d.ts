/** dynalite carries no types of its own. https://github.com/architect/dynalite */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Makes a server of tables in memory, each of which is usable so many milliseconds after its creation. */
  function dynalite(options: { readonly createTableMs: number }): Server;
  export default dynalite;
}
