/** CloudFormation's side of a custom resource: its requests, and the address where it takes the answers. */
import * as v from 'valibot';
import type { Fetch } from '../../lambdas/aws/cloudformation/stack-requests.ts';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
const answerSchema = v.strictObject({
  Status: v.picklist(['SUCCESS', 'FAILED']),
  Reason: v.exactOptional(v.pipe(v.string(), v.minLength(1))),
  PhysicalResourceId: v.pipe(v.string(), v.minLength(1)),
  StackId: v.string(),
  RequestId: v.string(),
  LogicalResourceId: v.string(),
});

export type Answer = v.InferOutput<typeof answerSchema>;

export const responseUrl = 'https://answers.example/arn%3Aaws%3Acloudformation?Signature=secret';

export class CloudFormation {
  readonly answers: Answer[] = [];
  #next = Promise.withResolvers<Answer>();
  /** The number of answers that it refuses before it takes one. */
  refusals = 0;

  readonly fetch: Fetch = async (url, { method, headers, body }) => {
    if (url !== responseUrl || method !== 'PUT') throw new Error(`Got ${method} ${url}, expected an answer.`);
    if (new Headers(headers).get('content-type') !== '') return new Response('SignatureDoesNotMatch', { status: 403 });
    if (this.refusals-- > 0) return new Response('SlowDown', { status: 503 });
    const text = String(body);
    if (Buffer.byteLength(text) > 4096) throw new Error(`Got ${Buffer.byteLength(text)} bytes, expected 4096 at most.`);
    const answer = v.parse(answerSchema, JSON.parse(text));
    this.answers.push(answer);
    this.#next.resolve(answer);
    this.#next = Promise.withResolvers<Answer>();
    return new Response();
  };

  nextAnswer(): Promise<Answer> {
    return this.#next.promise;
  }

  request(RequestType: 'Create' | 'Update' | 'Delete') {
    return {
      RequestType,
      ResponseURL: responseUrl,
      StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Bastions/local',
      RequestId: `request-${RequestType}`,
      ResourceType: 'Custom::Drained',
      LogicalResourceId: 'Drained1234',
      ...(RequestType !== 'Create' && { PhysicalResourceId: 'Drained1234' }),
      ResourceProperties: { ServiceToken: 'arn', ServiceTimeout: '2400' },
    };
  }
}
