/** The line of progress while a bastion starts. */
import type { SessionView } from '../../contracts/api.ts';
import { exitCodes } from '../terminal/errors.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Fargate takes 20 to 30 s. */
const usualSeconds = 25;

export class StartProgress {
  readonly #terminal: Terminal;
  #startedAt = 0;
  #step = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** From now on an interruption says that the bastion starts on. */
  begin(): void {
    this.#startedAt = Date.now();
    this.#timer = setInterval(() => this.#draw(), 1000);
    process.on('SIGINT', this.#interrupt);
  }

  /** Shows the step that AWS is at. It tells the address once the network interface is there. */
  show({ host }: SessionView): void {
    this.#step = host === undefined ? 'network interface' : 'image and sshd';
    this.#draw();
  }

  stop(): void {
    clearInterval(this.#timer);
    process.off('SIGINT', this.#interrupt);
    this.#terminal.clear();
  }

  #draw(): void {
    if (this.#step === '') return;
    const seconds = Math.round((Date.now() - this.#startedAt) / 1000);
    this.#terminal.progress(`starting … ${seconds} s (usually ${usualSeconds} s): ${this.#step}`);
  }

  readonly #interrupt = (): void => {
    this.stop();
    this.#terminal.note('The bastion starts on. "bastion" shows it, and "bastion down" removes it.');
    process.exit(exitCodes.interrupted);
  };
}
