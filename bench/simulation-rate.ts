/** The sessions that the simulation lives through in a second of the processor. */
import { runSeed } from '../test/simulation/run-seed.ts';
import { pooledSettings } from '../test/support/settings.ts';
import { withAssembly } from '../test/support/with-assembly.ts';
import { columns } from './figures.ts';
import { shown } from './growing.ts';

/** Simulates worlds until so many sessions have been seen, and returns their table. Throws when a world is violated. */
export async function simulationRate(leastSessions: number): Promise<string> {
  return withAssembly(async (assembly) => {
    // The first world compiles the code.
    await runSeed(assembly, 1);
    const startedAt = performance.now();
    const cpu = process.cpuUsage();
    let [worlds, sessions] = [0, 0];
    while (sessions < leastSessions) {
      const seed = 2 + worlds;
      const result = await runSeed(assembly, seed);
      if (result.violations.length > 0) throw new Error(`Seed ${seed}: ${result.violations.join('; ')}`);
      worlds += 1;
      sessions += result.sessions;
    }
    const { user, system } = process.cpuUsage(cpu);
    const cpuSeconds = (user + system) / 1e6;
    const seconds = (performance.now() - startedAt) / 1000;
    return [
      'Worlds of `npm run test:simulation`, one after the other in one process.\n\n',
      columns([
        ['worlds', 'sessions', 'CPU s', 'wall s', 'sessions per CPU s'],
        [...[worlds, sessions, cpuSeconds, seconds].map(shown), (sessions / cpuSeconds).toFixed(1)],
      ]),
    ].join('');
  }, pooledSettings);
}
