/**
 * A client that behaves as BastionZero does towards a provisioning server. It calls the webhooks and polls as BastionZero's
 * command line does: 60 times, every 5 seconds. It uses one target for all connections of a user, and stops it after the last.
 */
export interface Reply {
  readonly status: number;
  readonly body: string;
}

export interface Side {
  /** Sends a request to the server that was configured. */
  readonly send: (method: 'GET' | 'POST', path: '/start' | '/stop' | '/health', body?: string) => Promise<Reply>;
  readonly sleep: (ms: number) => Promise<void>;
  /** Whether the agent that was started with the activation has registered and is online. */
  readonly isOnline: (id: string) => boolean | Promise<boolean>;
}

export type TargetState = 'Starting' | 'Started' | 'StartError' | 'Stopping' | 'Stopped' | 'StopError';

const poll = { times: 60, everyMs: 5000 };

/** One dynamic access target of one user. */
export class Target {
  readonly #side: Side;
  readonly #activation: Readonly<Record<string, string>>;
  state: TargetState | undefined;
  /** The server's id of the target. */
  id: string | undefined;
  /** The server's error message, which the user sees word for word. */
  errorMessage: string | undefined;
  #connections = 0;

  constructor(side: Side, activation: Readonly<Record<string, string>>) {
    this.#side = side;
    this.#activation = activation;
  }

  /** Opens a connection. The first one starts the target. Throws the sentence that the user sees. */
  async connect(): Promise<void> {
    if (this.#connections === 0) await this.start();
    for (let n = 0; n < poll.times; n++) {
      if (this.state === 'StartError') throw new Error(`Failed to start dynamic access target: ${this.errorMessage}`);
      if (this.id !== undefined && (await this.#side.isOnline(this.id))) {
        this.#connections++;
        return;
      }
      await this.#side.sleep(poll.everyMs);
    }
    throw new Error('Timed out waiting for the dynamic access target to register and come online');
  }

  /** Closes a connection. The last one stops the target. */
  async disconnect(): Promise<void> {
    this.#connections--;
    if (this.#connections === 0) await this.stop();
  }

  async start(): Promise<void> {
    this.state = 'Starting';
    const { status, body } = await this.#side.send('POST', '/start', JSON.stringify(this.#activation));
    const fields = JSON.parse(body);
    if (status !== 200) {
      this.state = 'StartError';
      this.errorMessage = fields.ErrorMessage;
      return;
    }
    this.id = fields.uniqueId ?? fields.containerId;
    this.state = 'Started';
  }

  async stop(): Promise<void> {
    this.state = 'Stopping';
    const name = 'activationToken' in this.#activation ? 'uniqueId' : 'containerId';
    const { status, body } = await this.#side.send('POST', '/stop', JSON.stringify({ [name]: this.id }));
    this.state = status === 200 && isEmptyObject(body) ? 'Stopped' : 'StopError';
    if (this.state === 'StopError') this.errorMessage = JSON.parse(body).ErrorMessage;
  }
}

const isEmptyObject = (json: string): boolean => JSON.stringify(JSON.parse(json)) === '{}';

/** The status light of the provisioning server in BastionZero's interface. */
export async function status(side: Side): Promise<'Online' | 'Offline'> {
  const reply = await side.send('GET', '/health');
  return reply.status === 200 && isEmptyObject(reply.body) ? 'Online' : 'Offline';
}
