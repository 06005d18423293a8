// A fresh process that loads a function's bundle and invokes it three times, as an execution environment of Lambda does. It
// prints the times of each step. Arguments: the bundle's path, and the event as JSON.
import { pathToFileURL } from 'node:url';

const [bundle, event] = process.argv.slice(2);

async function measured(step) {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const result = await step();
  const { user, system } = process.cpuUsage(cpu);
  return { result, wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1000 };
}

const { result: loaded, ...load } = await measured(() => import(pathToFileURL(bundle).href));
const invocations = [];
const statuses = [];
for (let time = 0; time < 3; time += 1) {
  const deadlineMs = Date.now() + 30_000;
  const request = { ...JSON.parse(event) };
  request.requestContext = { ...request.requestContext, timeEpoch: Date.now() };
  const context = { awsRequestId: `bench-${time}`, getRemainingTimeInMillis: () => deadlineMs - Date.now() };
  const { result, ...times } = await measured(() => loaded.handler(request, context));
  invocations.push(times);
  statuses.push(result.statusCode);
}
process.stdout.write(`\n${JSON.stringify({ load, invocations, statuses })}`, () => process.exit());
