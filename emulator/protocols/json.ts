import {
  AwsError,
  bodyText,
  type Reply,
  textBody,
  type Understood,
  type WireRequest,
  type WireResponse,
} from '../wire.ts';
import { signedServiceOf } from './signature-scope.ts';

/** The services by the prefix in `X-Amz-Target: <prefix>.<action>`. */
const services: Readonly<Record<string, { readonly service: string; readonly version: '1.0' | '1.1' }>> = {
  AmazonEC2ContainerServiceV20141113: { service: 'ecs', version: '1.1' },
  AmazonSSM: { service: 'ssm', version: '1.1' },
  AWSEvents: { service: 'events', version: '1.1' },
  secretsmanager: { service: 'secretsmanager', version: '1.1' },
  AmazonSQS: { service: 'sqs', version: '1.0' },
  DynamoDB_20120810: { service: 'dynamodb', version: '1.0' },
};

/** Reads a request of the JSON protocols. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
export function understandJson(request: WireRequest, target: string): Understood {
  const [prefix = '', action = ''] = target.split('.');
  const { service, version } = services[prefix] ?? {
    service: signedServiceOf(request) ?? prefix,
    version: '1.1' as const,
  };
  return {
    service,
    action,
    unknownOperationCode: 'UnknownOperationException',
    input: () => parseJson(bodyText(request)),
    reply: jsonReply(`application/x-amz-json-${version}`),
  };
}

/** Parses a body. An empty text counts as `{}`. Throws SerializationException if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text);
  } catch (cause) {
    throw new AwsError('SerializationException', `The body is not JSON: ${String(cause)}`);
  }
}

/** Returns the writer of JSON answers. */
export function jsonReply(contentType: string): Reply {
  const respond = (status: number, body: unknown): WireResponse => ({
    status,
    headers: { 'content-type': contentType },
    body: textBody(JSON.stringify(body ?? {})),
  });
  return {
    output: (output) => respond(200, output),
    error: ({ code, message, status, members }) => respond(status, { __type: code, message, ...members }),
  };
}
