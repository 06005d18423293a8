import { Aws, Fn, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { routes } from '../contracts/api.ts';
import { pageRoutes } from '../contracts/sign-in.ts';
import { accessRecord, type RecordProps } from './access-record.ts';
import type { Functions } from './functions/functions.ts';
import type { ResolvedProps } from './settings/rules.ts';
import { type SignInSettings, tokenRoutes } from './sign-in-routes.ts';

export interface ApiProps
  extends RecordProps,
    SignInSettings,
    Pick<ResolvedProps, 'page' | 'rateLimit' | 'burstLimit' | 'webhookPath'> {
  readonly functions: Pick<Functions, 'start' | 'stop' | 'sessions' | 'health' | 'web' | 'webhooks'>;
}

/** The HTTP API. AWS checks the signature of a person's request, or its token. The functions check a webhook's secret. */
export class Api extends Construct {
  /** The URL without a slash at its end. */
  readonly url: string;
  /** The URL that the paths of the webhooks follow. */
  readonly webhookUrl: string;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    const api = new apigateway.HttpApi(this, 'Http', {
      apiName: Stack.of(this).stackName,
      createDefaultStage: false,
      // Bastions have IPv4 addresses. A caller over IPv6 would have that address allowed, and then come to the bastion from
      // another address, over IPv4.
      // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-ip-address-type.html
      ipAddressType: apigateway.IpAddressType.IPV4,
    });
    this.url = api.apiEndpoint;
    const prefix = props.webhookPath === undefined ? '' : `/${props.webhookPath}`;
    this.webhookUrl = `${this.url}${prefix}`;
    this.createStage(api, props);
    const { functions } = props;

    const addRoutes = (
      key: string,
      fn: lambda.Function,
      authorizer?: apigateway.IHttpRouteAuthorizer,
      scopes: readonly string[] = [],
    ) => {
      const { method, path } = parseRouteKey(key);
      return api.addRoutes({
        path,
        methods: [method],
        integration: integration(fn),
        ...(authorizer && { authorizer }),
        ...(scopes.length > 0 && { authorizationScopes: [...scopes] }),
      });
    };
    const { start, stop, sessions } = functions;
    const forPeople = { start, look: sessions, knownHosts: sessions, stop, list: sessions };
    addRoutes(routes.start, forPeople.start, new HttpIamAuthorizer());
    addRoutes(routes.look, forPeople.look, new HttpIamAuthorizer());
    addRoutes(routes.knownHosts, forPeople.knownHosts, new HttpIamAuthorizer());
    addRoutes(routes.stop, forPeople.stop, new HttpIamAuthorizer());
    addRoutes(routes.list, forPeople.list, new HttpIamAuthorizer());
    for (const { key, name, authorizer, scopes } of tokenRoutes(this, props)) {
      addRoutes(key, forPeople[name], authorizer, scopes);
    }
    this.acknowledgeOpen(
      addRoutes(routes.health, functions.health),
      'Monitors call /health without credentials. It tells only whether the service works, and is throttled.',
    );
    const { webhooks, web } = functions;
    if (web !== undefined) {
      const hasPage = props.page || props.oidcIssuer !== undefined;
      this.acknowledgeOpen(
        [...(hasPage ? addRoutes(pageRoutes.page, web) : []), ...addRoutes(pageRoutes.config, web)],
        'People read the page before they sign in. It holds no secret, and its function has no permission.',
      );
    }
    if (webhooks === undefined) return;
    // A throttle counts the requests of strangers too. A route whose path they do not know has its own, for the service alone.
    const hidden = (key: string) => key.replace(' ', ` ${prefix}`);
    this.acknowledgeOpen(
      [
        ...addRoutes(hidden(routes.startTarget), webhooks.start),
        ...addRoutes(hidden(routes.stopTarget), webhooks.stop),
        ...(prefix === '' ? [] : addRoutes(hidden(routes.health), functions.health)),
      ],
      'The service that calls has no AWS credentials. It has a secret, which the function checks before anything else.',
    );
  }

  /** Tells cdk-nag the reason why routes have no authorizer. */
  private acknowledgeOpen(routes: readonly apigateway.HttpRoute[], reason: string): void {
    for (const route of routes) Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
  }

  private createStage(api: apigateway.HttpApi, { rateLimit, burstLimit, ...props }: ApiProps): void {
    // CloudWatch allows API Gateway to write by one policy for the whole account. When the policy has reached its largest size,
    // it still works for names with this beginning.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
    const stackId = Fn.select(2, Fn.split('/', Aws.STACK_ID));
    const logName = `/aws/vendedlogs/apigateway/${Aws.STACK_NAME}-${stackId}`;
    const log = accessRecord(this, 'AccessLog', props, logName);
    new apigateway.HttpStage(this, 'Stage', {
      httpApi: api,
      autoDeploy: true,
      // For each route by itself. The account's own limit is far above the rate at which EC2 creates security groups.
      // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
      throttle: { rateLimit, burstLimit },
      accessLogSettings: {
        destination: new apigateway.LogGroupLogDestination(log),
        format: AccessLogFormat.custom(JSON.stringify({ ...accessLogFields, ...(hasTokens(props) && tokenFields) })),
      },
    });
  }
}

/** `GET /sessions` as method and path. Throws for another form. */
function parseRouteKey(key: string): { method: apigateway.HttpMethod; path: string } {
  const [verb, path] = key.split(' ');
  const method = Object.values(apigateway.HttpMethod).find((one) => one === verb);
  if (method === undefined || path === undefined)
    throw new Error(`Got the route ${key}, expected a method and a path.`);
  return { method, path };
}

const integration = (fn: lambda.Function) => new HttpLambdaIntegration(`${fn.node.scope?.node.id}Integration`, fn);

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
const accessLogFields = {
  time: '$context.requestTimeEpoch',
  requestId: '$context.requestId',
  route: '$context.routeKey',
  status: '$context.status',
  sourceIp: '$context.identity.sourceIp',
  caller: '$context.identity.userArn',
  authorizerError: '$context.authorizer.error',
  integrationStatus: '$context.integration.status',
  integrationError: '$context.integrationErrorMessage',
  integrationLatencyMs: '$context.integrationLatency',
  responseLatencyMs: '$context.responseLatency',
};

const tokenFields = { issuer: '$context.authorizer.claims.iss', subject: '$context.authorizer.claims.sub' };

const hasTokens = ({ oidcIssuer, ciIssuer }: SignInSettings): boolean => (oidcIssuer ?? ciIssuer) !== undefined;
