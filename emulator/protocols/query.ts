import { bodyText, type Reply, textBody, type Understood, type WireRequest, type WireResponse } from '../wire.ts';
import { xml, xmlContent, xmlDeclaration } from './xml.ts';

const stsVersion = '2011-06-15';

/** Reads a request of the query protocols of EC2 and STS: a form with `Action` and `Version`, and an XML answer. */
export function understandQuery(request: WireRequest, requestId: string): Understood {
  const { Action, Version, ...input } = unflatten(new URLSearchParams(bodyText(request)));
  const action = String(Action ?? '');
  return Version === stsVersion
    ? { service: 'sts', action, input: () => input, reply: stsReply(action, requestId) }
    : { service: 'ec2', action, input: () => input, reply: ec2Reply(action, requestId) };
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
function ec2Reply(action: string, requestId: string): Reply {
  return {
    output: (output) =>
      respond(
        200,
        `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">` +
          `${xml('requestId', requestId)}${xmlContent(output ?? {})}</${action}Response>`,
      ),
    error: ({ code, message, status }) =>
      respond(status, xml('Response', { Errors: { Error: { Code: code, Message: message } }, RequestID: requestId })),
  };
}

function stsReply(action: string, requestId: string): Reply {
  return {
    output: (output) =>
      respond(
        200,
        `<${action}Response xmlns="https://sts.amazonaws.com/doc/${stsVersion}/">` +
          `${xml(`${action}Result`, output)}${xml('ResponseMetadata', { RequestId: requestId })}</${action}Response>`,
      ),
    error: ({ code, message, status }) =>
      respond(status, xml('ErrorResponse', { Error: { Code: code, Message: message }, RequestId: requestId })),
  };
}

function respond(status: number, document: string): WireResponse {
  return { status, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body: textBody(xmlDeclaration + document) };
}
