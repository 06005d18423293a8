import { Aws, Fn, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Functions } from './functions/functions.ts';
import type { Config } from './settings/config.ts';

export interface ApiProps {
  readonly config: Pick<Config, 'rateLimit' | 'burstLimit' | 'logRetentionDays'>;
  readonly functions: Pick<Functions, 'start' | 'stop' | 'sessions' | 'health' | 'webhooks'>;
}

/** The HTTP API. AWS checks which person calls, and the functions for whom; webhooks are checked by their functions. */
export class Api extends Construct {
  /** Without a slash at its end. */
  readonly url: string;

  constructor(scope: Construct, id: string, { config, functions }: ApiProps) {
    super(scope, id);
    const api = new apigateway.HttpApi(this, 'Http', {
      apiName: Stack.of(this).stackName,
      createDefaultStage: false,
      // Bastions have IPv4 addresses. A caller who reached the API over IPv6 would have that address let in, and then
      // come to the bastion over IPv4, from an address that is not.
      // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-ip-address-type.html
      ipAddressType: apigateway.IpAddressType.IPV4,
    });
    this.url = api.apiEndpoint;
    this.stage(api, config);

    const { GET, POST, DELETE } = apigateway.HttpMethod;
    const routes = [
      { method: POST, path: '/', fn: functions.start },
      { method: GET, path: '/', fn: functions.sessions },
      { method: DELETE, path: '/', fn: functions.stop },
      { method: GET, path: '/sessions', fn: functions.sessions },
    ];
    for (const { method, path, fn } of routes) {
      api.addRoutes({
        path,
        methods: [method],
        integration: integration(fn),
        authorizer: new HttpIamAuthorizer(),
      });
    }
    this.open(
      api.addRoutes({ path: '/health', methods: [GET], integration: integration(functions.health) }),
      'Monitors ask /health without credentials; it says nothing but whether the service works, and is throttled.',
    );
    const { webhooks } = functions;
    if (webhooks === undefined) return;
    for (const [path, fn] of [
      ['/start', webhooks.start],
      ['/stop', webhooks.stop],
    ] as const) {
      this.open(
        api.addRoutes({ path, methods: [POST], integration: integration(fn) }),
        'The service that calls has no AWS credentials: it knows a secret, which the function checks before anything else.',
      );
    }
  }

  private open(routes: readonly apigateway.HttpRoute[], reason: string): void {
    for (const route of routes) Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
  }

  private stage(api: apigateway.HttpApi, config: ApiProps['config']): void {
    const log = new LogGroup(this, 'AccessLog', {
      // CloudWatch allows API Gateway to write by one policy for the whole account, which soon reaches the size it may have, and
      // then still works for names that begin like this. The end is this stack's own: a log group can be left behind.
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
      logGroupName: `/aws/vendedlogs/apigateway/${Aws.STACK_NAME}-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}`,
      retention: config.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new apigateway.HttpStage(this, 'Stage', {
      httpApi: api,
      autoDeploy: true,
      // Holds for each route by itself. The account's own limit is far above what EC2 lets us make security groups at.
      // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
      throttle: { rateLimit: config.rateLimit, burstLimit: config.burstLimit },
      accessLogSettings: {
        destination: new apigateway.LogGroupLogDestination(log),
        format: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      },
    });
  }
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
