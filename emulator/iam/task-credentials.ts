import type { Context } from '../context.ts';
import { hex } from '../random.ts';
import { AwsError, textBody, type WireRequest, type WireResponse } from '../wire.ts';
import type { Role } from './iam.ts';
import type { Principal } from './principal.ts';
import { type Authorization, readAuthorization, signatureOf } from './signature.ts';

interface Credentials {
  readonly taskId: string;
  readonly role: Role;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** The token with which a container gets the other values. */
  readonly authorizationToken: string;
  hasEnded: boolean;
}

const pathPrefix = '/task-credentials/';
/** The time after which the SDK fetches the credentials again. The keys themselves end with their task. */
const validMs = 6 * 3_600_000;

/**
 * The credentials of tasks that have a role. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
 * On AWS the containers find them at 169.254.170.2. Here they find them at the account's endpoint, and therefore get the other
 * of the two variables. https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
export class TaskCredentials {
  readonly #context: Context;
  readonly #byTask = new Map<string, Credentials>();
  /** The credentials of all tasks. Calls with those of an ended task are refused. */
  readonly #byAccessKey = new Map<string, Credentials>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Generates the credentials of a task. Returns the variables with which its containers find them. */
  issue(taskId: string, role: Role): Record<string, string> {
    const { random, endpoint } = this.#context;
    const credentials = {
      taskId,
      role,
      accessKeyId: `ASIA${hex(random, 16).toUpperCase()}`,
      secretAccessKey: hex(random, 40),
      sessionToken: hex(random, 64),
      authorizationToken: hex(random, 64),
      hasEnded: false,
    };
    this.#byTask.set(taskId, credentials);
    this.#byAccessKey.set(credentials.accessKeyId, credentials);
    return {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint()}${pathPrefix}${taskId}`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: credentials.authorizationToken,
      AWS_ENDPOINT_URL: endpoint(),
    };
  }

  /** Returns the `aws:userid` of the task with this access key, or undefined for any other key. */
  userIdOf(accessKeyId: string): string | undefined {
    const credentials = this.#byAccessKey.get(accessKeyId);
    return credentials && userIdIn(credentials);
  }

  /** Ends the credentials of a task. */
  end(taskId: string): void {
    const credentials = this.#byTask.get(taskId);
    if (credentials !== undefined) credentials.hasEnded = true;
    this.#byTask.delete(taskId);
  }

  /** Answers a container's request for its credentials. Returns undefined for any other request. */
  answer({ method, path, headers }: WireRequest): WireResponse | undefined {
    if (method !== 'GET' || !path.startsWith(pathPrefix)) return undefined;
    const credentials = this.#byTask.get(path.slice(pathPrefix.length));
    if (credentials === undefined)
      return json(404, { code: 'NotFound', message: 'No running task has these credentials.' });
    if (headers.authorization !== credentials.authorizationToken) {
      return json(403, { code: 'AccessDenied', message: 'The Authorization header is not the task’s token.' });
    }
    const { accessKeyId, secretAccessKey, sessionToken, role } = credentials;
    return json(200, {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: sessionToken,
      Expiration: new Date(this.#context.clock.now() + validMs).toISOString(),
      RoleArn: `arn:aws:iam::${this.#context.accountId}:role/${role.name}`,
    });
  }

  /**
   * Returns the task that signed the request, or undefined for any other caller. Throws an AwsError if the task has ended or the
   * signature is wrong. It ignores the age of a signature, because the clock may be virtual and the signer's is not.
   */
  principalOf(request: WireRequest, service: string, accessKeyId: string): Principal | undefined {
    const credentials = this.#byAccessKey.get(accessKeyId);
    const authorization = credentials && readAuthorization(request);
    if (credentials === undefined || authorization === undefined) return undefined;
    if (credentials.hasEnded) {
      throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired');
    }
    if (request.headers['x-amz-security-token'] !== credentials.sessionToken) {
      throw new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.');
    }
    this.#checkSignature(request, authorization, credentials, service);
    const { role, taskId } = credentials;
    return {
      arn: `arn:aws:sts::${this.#context.accountId}:assumed-role/${role.name}/${taskId}`,
      userId: userIdIn(credentials),
      statements: role.statements,
    };
  }

  #checkSignature(request: WireRequest, authorization: Authorization, credentials: Credentials, service: string): void {
    const [, region, scopedService] = authorization.scope.split('/');
    if (region !== this.#context.region || scopedService !== service) {
      throw invalidSignature(`Credential should be scoped to ${this.#context.region} and the service ${service}.`);
    }
    // Many versions of curl leave the port out of the host that they sign. https://github.com/curl/curl/issues/9550
    const { host = '' } = request.headers;
    const signedHosts = new Set([host, host.replace(/:\d+$/, '')]);
    const isSigned = [...signedHosts].some((signedHost) => {
      const signed = { ...request, headers: { ...request.headers, host: signedHost } };
      return signatureOf(signed, authorization, credentials.secretAccessKey) === authorization.signature;
    });
    if (!authorization.signedHeaders.includes('host') || !isSigned) {
      throw invalidSignature(
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key ' +
          'and signing method. Consult the service documentation for details.',
      );
    }
  }
}

const userIdIn = ({ role, taskId }: Credentials): string => `${role.id}:${taskId}`;

function invalidSignature(message: string): AwsError {
  return new AwsError('InvalidSignatureException', message);
}

function json(status: number, body: object): WireResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: textBody(JSON.stringify(body)) };
}
