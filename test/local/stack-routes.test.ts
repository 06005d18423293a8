/** Routes as the local run reads them out of a template, each with whoever checks its callers. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readStack } from '../../local/cloudformation/stack.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

const stage = {
  Type: 'AWS::ApiGatewayV2::Stage',
  Properties: { DefaultRouteSettings: { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 } },
};

async function stackWith(resources: object) {
  await using folder = await makeTemporaryFolder('stack-routes');
  const file = join(folder.path, 'Mine.template.json');
  await writeFile(file, JSON.stringify({ Resources: { Stage: stage, ...resources } }));
  const place = { region: 'us-east-1', accountId: '000000000000', stackName: 'Mine', apiUrl: 'http://api' };
  return readStack(folder.path, place);
}

describe('a route', () => {
  const integration = {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: { IntegrationUri: 'arn:fn', PayloadFormatVersion: '2.0' },
  };
  const authorizer = {
    Type: 'AWS::ApiGatewayV2::Authorizer',
    Properties: {
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Audience: ['a'], Issuer: 'https://login.example.com' },
    },
  };
  const routeWith = (properties: object) => ({
    Integration: integration,
    Authorizer: authorizer,
    Route: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        RouteKey: 'GET /',
        Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
        ...properties,
      },
    },
  });
  const jwt = { AuthorizationType: 'JWT', AuthorizerId: { Ref: 'Authorizer' } };
  const read = { kind: 'jwt', issuer: 'https://login.example.com', audiences: ['a'] };

  test.each([
    [{}, undefined],
    [{ AuthorizationType: 'NONE' }, undefined],
    [{ AuthorizationType: 'AWS_IAM' }, { kind: 'iam' }],
    [jwt, { ...read, scopes: [] }],
    [
      { ...jwt, AuthorizationScopes: ['use'] },
      { ...read, scopes: ['use'] },
    ],
  ])('with %j is read with its authorizer', async (properties, expected) => {
    const { routes } = await stackWith(routeWith(properties));
    expect(routes.map((route) => route.authorizer)).toEqual([expected]);
  });

  test('with an authorizer that the local run does not know is refused, and never open', async () => {
    await expect(stackWith(routeWith({ AuthorizationType: 'CUSTOM', AuthorizerId: 'x' }))).rejects.toThrow(/CUSTOM/);
    await expect(stackWith(routeWith({ ...jwt, AuthorizerId: 'x' }))).rejects.toThrow('The route GET / names x, which');
    const { Properties } = authorizer;
    for (const change of [{ AuthorizerType: 'REQUEST' }, { IdentitySource: ['$request.querystring.token'] }]) {
      const Authorizer = { ...authorizer, Properties: { ...Properties, ...change } };
      await expect(stackWith({ ...routeWith(jwt), Authorizer })).rejects.toThrow(/REQUEST|querystring/);
    }
  });
});
