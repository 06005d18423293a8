/** dynalite carries no types of its own; this is the part that is used here. */
declare module 'dynalite' {
  interface DynaliteServer {
    /** dynalite answers through `response.setHeader`, `response.statusCode` and `response.end`, and reads `request` as a stream. */
    emit(event: 'request', request: object, response: object): boolean;
  }

  export default function dynalite(options: {
    readonly createTableMs: number;
    readonly deleteTableMs: number;
    readonly updateTableMs: number;
  }): DynaliteServer;
}
