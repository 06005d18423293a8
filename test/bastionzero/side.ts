import { hmacHeaders } from '../support/activations.ts';
import type { Deployment } from '../support/deployment.ts';
import { secretOf } from '../support/secret.ts';
import type { Side } from './bastionzero.ts';

export type Scheme = 'basic' | 'hmac';

/** Connects BastionZero to a stack in process. Its waits let time pass on the virtual clock. */
export async function sideOf(bastions: Deployment, scheme: Scheme): Promise<Side> {
  const secret = await secretOf(bastions);
  return {
    send(method, path, body = '') {
      const seconds = Math.floor(bastions.clock.now() / 1000);
      const action = path === '/stop' ? 'stop' : 'start';
      const headers =
        scheme === 'basic' ? { authentication: `Basic ${secret}` } : hmacHeaders(secret, action, body, seconds);
      return bastions.call(`${method} ${path}`, path === '/health' ? {} : { headers, body });
    },
    sleep: (ms) => bastions.clock.advance(ms),
    async isOnline(id) {
      const row = await bastions.clock.run(bastions.sessions.find(id));
      const taskId = row?.taskArn?.split('/').at(-1) ?? '';
      return (
        bastions.containers.running().some((one) => one.taskId === taskId) &&
        bastions.containers.received(taskId) !== undefined
      );
    },
  };
}
