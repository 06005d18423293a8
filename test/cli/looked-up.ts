/** An account of the emulated AWS with databases and caches to look up, behind a port of its own. */
import { createAws } from '../../emulator/aws.ts';
import { realClock } from '../../emulator/clock.ts';
import { serveAws } from '../../emulator/server.ts';
import type { Interceptor } from '../../emulator/wire.ts';
import { ScriptedContainers } from '../support/scripted-containers.ts';

export interface LookedUp extends AsyncDisposable {
  readonly url: string;
}

/**
 * @param port the port of every database and cache, and `host` their address
 * @param onCall stands around every call
 */
export async function startLookedUp(onCall: Interceptor = (_, proceed) => proceed(), port = 5432): Promise<LookedUp> {
  const aws = createAws({ clock: realClock, containerHost: new ScriptedContainers(realClock), onCall });
  const address = '127.0.0.1';
  const endpoint = { address, port };
  aws.cloudformation.putStack({ name: 'Shop', outputs: [{ key: 'Url', value: 'https://shop.example' }] });
  aws.rds.putInstance({ id: 'orders', engine: 'postgres', endpoint });
  aws.rds.putInstance({ id: 'young', engine: 'mysql', status: 'creating' });
  aws.rds.putCluster({ id: 'ledger', engine: 'aurora-mysql', endpoint: address, port });
  aws.elasticache.putReplicationGroup({ id: 'sharded', engine: 'valkey', hasClusterMode: true, endpoint });
  aws.elasticache.putReplicationGroup({ id: 'sessions', engine: 'redis', hasClusterMode: false, endpoint });
  aws.elasticache.putCacheCluster({ id: 'pages', engine: 'memcached', nodes: [endpoint] });
  aws.elasticache.putServerlessCache({ id: 'less', engine: 'valkey', endpoint });
  const { url, close } = await serveAws(aws, { port: 0 });
  return {
    url,
    async [Symbol.asyncDispose]() {
      await close();
      await aws.close();
    },
  };
}
