import { textBody, type WireRequest, type WireResponse } from '../wire.ts';
import type { Task } from './task.ts';

const pathPrefix = '/v4/';

/**
 * Returns the variable that tells a container where it finds the metadata of its task. On AWS the host is 169.254.170.2.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
 */
export const metadataEnvironment = (endpoint: string, runtimeId: string): Record<string, string> => ({
  ECS_CONTAINER_METADATA_URI_V4: `${endpoint}${pathPrefix}${runtimeId}`,
});

/**
 * Answers a container's request for the metadata of its task, with the members that an agent can need. Returns undefined for any
 * other request. @param find finds a task that has not stopped, by the runtime id of one of its containers
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html
 */
export function answerMetadata(
  { method, path }: WireRequest,
  find: (runtimeId: string) => Task | undefined,
): WireResponse | undefined {
  if (method !== 'GET' || !path.startsWith(pathPrefix)) return undefined;
  const [runtimeId = '', part, ...rest] = path.slice(pathPrefix.length).split('/');
  const task = part === 'task' && rest.length === 0 ? find(runtimeId) : undefined;
  if (task === undefined) return json(404, { error: 'The emulated AWS has only <uri>/task, of a task that runs.' });
  return json(200, {
    Cluster: task.cluster.arn,
    TaskARN: task.arn,
    Family: task.definition.family,
    Revision: String(task.definition.revision),
    DesiredStatus: task.desiredStatus,
    KnownStatus: task.lastStatus,
    LaunchType: task.launchType,
  });
}

function json(status: number, body: object): WireResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: textBody(JSON.stringify(body)) };
}
