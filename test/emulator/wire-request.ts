import { textBody, type WireRequest } from '../../emulator/wire.ts';

const targets: Readonly<Record<string, string>> = {
  dynamodb: 'DynamoDB_20120810',
  ecs: 'AmazonEC2ContainerServiceV20141113',
  events: 'AWSEvents',
  secretsmanager: 'secretsmanager',
  sqs: 'AmazonSQS',
  ssm: 'AmazonSSM',
};

const versions: Readonly<Record<string, string>> = {
  cloudformation: '2010-05-15',
  ec2: '2016-11-15',
  elasticache: '2015-02-02',
  rds: '2014-10-31',
  sts: '2011-06-15',
};

const lambdaPaths: Readonly<Record<string, readonly [method: string, path: string]>> = {
  Invoke: ['POST', '/2015-03-31/functions/x/invocations'],
  ListFunctions: ['GET', '/2015-03-31/functions'],
};

const post = (headers: Record<string, string>, body: string): WireRequest => ({
  method: 'POST',
  path: '/',
  headers,
  body: textBody(body),
});

/** Returns a request of a service whose requests are forms. */
export function formRequest(service: string, action: string, input: Readonly<Record<string, string>>): WireRequest {
  const form = new URLSearchParams({ Action: action, Version: versions[service] ?? '', ...input });
  return post({ 'content-type': 'application/x-www-form-urlencoded' }, form.toString());
}

/** Returns a request in the protocol of the service, with one member: the last of these names, inside the others. */
export function wireRequest(service: string, action: string, names: readonly string[]): WireRequest {
  const target = targets[service];
  if (target !== undefined) {
    const input = names.reduceRight<unknown>((member, name) => ({ [name]: member }), 'x');
    return post({ 'x-amz-target': `${target}.${action}` }, JSON.stringify(input));
  }
  if (versions[service] !== undefined) return formRequest(service, action, { [names.join('.')]: 'x' });
  const [method, path] = lambdaPaths[action] ?? ['GET', '/'];
  return { method, path: `${path}?${names.join('.')}=x`, headers: {}, body: textBody('') };
}
