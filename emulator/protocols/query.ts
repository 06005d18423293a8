import { bodyText, type Reply, textBody, type Understood, type WireRequest, type WireResponse } from '../wire.ts';
import { signedServiceOf } from './signature-scope.ts';
import { xml, xmlContent, xmlDeclaration } from './xml.ts';

/** The services whose requests are forms, by the version that their requests name. */
const services: Readonly<Record<string, { readonly service: string; readonly namespace: string }>> = {
  '2010-05-15': { service: 'cloudformation', namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/' },
  '2011-06-15': { service: 'sts', namespace: 'https://sts.amazonaws.com/doc/2011-06-15/' },
  '2014-10-31': { service: 'rds', namespace: 'http://rds.amazonaws.com/doc/2014-10-31/' },
  '2015-02-02': { service: 'elasticache', namespace: 'http://elasticache.amazonaws.com/doc/2015-02-02/' },
  '2016-11-15': { service: 'ec2', namespace: 'http://ec2.amazonaws.com/doc/2016-11-15/' },
};

/** The services whose requests are forms. They have other codes for some errors than the services that speak JSON. */
export const formServices: readonly string[] = Object.values(services).map(({ service }) => service);

/** The elements of lists that are not called `member`. The services' pages show them in their examples. */
const itemNames: Readonly<Record<string, string>> = {
  DBInstances: 'DBInstance',
  DBClusters: 'DBCluster',
  ReplicationGroups: 'ReplicationGroup',
  NodeGroups: 'NodeGroup',
  CacheClusters: 'CacheCluster',
  CacheNodes: 'CacheNode',
};

/** Reads a request of EC2's protocol or of the AWS query protocol: a form with `Action` and `Version`, and an XML answer. */
export function understandQuery(request: WireRequest, requestId: string): Understood {
  const { Action, Version, ...input } = unflatten(new URLSearchParams(bodyText(request)));
  const action = String(Action ?? '');
  const { service, namespace } = services[String(Version)] ?? unknownService(request, String(Version));
  return {
    service,
    action,
    unknownOperationCode: 'InvalidAction',
    input: () => input,
    reply: service === 'ec2' ? ec2Reply(namespace, action, requestId) : queryReply(namespace, action, requestId),
  };
}

/** Names a service that is not emulated, by the scope of the signature. An unsigned request gives only its version away. */
function unknownService(request: WireRequest, version: string) {
  const service = signedServiceOf(request) ?? 'of a form';
  return { service: `${service} ${version}`, namespace: `https://${service}.amazonaws.com/doc/${version}/` };
}

/** Turns `Filter.1.Value.2=x` into `{ Filter: [{ Value: ['x'] }] }`. */
export function unflatten(parameters: Iterable<[string, string]>): Record<string, unknown> {
  const root: Branch = new Map();
  for (const [name, value] of parameters) {
    const path = name.split('.');
    const leaf = path.pop() ?? name;
    path.reduce(branchAt, root).set(leaf, value);
  }
  return Object.fromEntries([...root].map(([name, value]) => [name, plain(value)]));
}

type Branch = Map<string, Branch | string>;

function branchAt(parent: Branch, name: string): Branch {
  const existingBranch = parent.get(name);
  if (existingBranch instanceof Map) return existingBranch;
  const branch: Branch = new Map();
  parent.set(name, branch);
  return branch;
}

function plain(value: Branch | string): unknown {
  if (typeof value === 'string') return value;
  const entries = [...value].map(([name, member]) => [name, plain(member)] as const);
  const isList = entries.every(([name]) => /^\d+$/.test(name));
  if (!isList) return Object.fromEntries(entries);
  return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, member]) => member);
}

/** Returns the writer of EC2's answers. https://docs.aws.amazon.com/ec2/latest/devguide/ec2-query-api.html */
function ec2Reply(namespace: string, action: string, requestId: string): Reply {
  return {
    output: (output) =>
      respond(
        200,
        `<${action}Response xmlns="${namespace}">` +
          `${xml('requestId', requestId)}${xmlContent(output ?? {})}</${action}Response>`,
      ),
    error: ({ code, message, status }) =>
      respond(status, xml('Response', { Errors: { Error: { Code: code, Message: message } }, RequestID: requestId })),
  };
}

/** Returns the writer of answers of the AWS query protocol. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
function queryReply(namespace: string, action: string, requestId: string): Reply {
  const element = (name: string, content: string) => `<${name} xmlns="${namespace}">${content}</${name}>`;
  const itemName = (list: string) => itemNames[list] ?? 'member';
  return {
    output: (output) =>
      respond(
        200,
        element(
          `${action}Response`,
          `${xml(`${action}Result`, output, itemName)}${xml('ResponseMetadata', { RequestId: requestId })}`,
        ),
      ),
    error: ({ code, message, status }) => {
      const error = { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message };
      return respond(status, element('ErrorResponse', `${xml('Error', error)}${xml('RequestId', requestId)}`));
    },
  };
}

function respond(status: number, document: string): WireResponse {
  return { status, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body: textBody(xmlDeclaration + document) };
}
