/** What the settings for sign-in add to the stack. */
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../contracts/api.ts';
import { pageRoutes, personRoutes, workloadRoutes } from '../../contracts/sign-in.ts';
import { env } from '../../contracts/stack.ts';
import { Bastions } from '../../lib/index.ts';
import { type Stack as LocalStack, readStack } from '../../local/cloudformation/stack.ts';
import { signInSettings } from '../support/settings.ts';
import { permissionsInWords } from './permissions.ts';
import { bundles, place, type Resources, synthesize } from './synthesize.ts';

let synthesis: Awaited<ReturnType<typeof synthesize>>;
let without: Awaited<ReturnType<typeof synthesize>>;
let stack: LocalStack;

beforeAll(async () => {
  [synthesis, without] = await Promise.all([synthesize(signInSettings), synthesize()]);
  stack = readStack(synthesis.app.synth().directory, place);
});

const functionOf = (key: string) => stack.routes.find((route) => route.key === key)?.functionArn;

describe('sign-in', () => {
  it.each(Object.entries(personRoutes))('for people %s is %s, by a token of the issuer with a scope', (name, key) => {
    expect(stack.routes).toContainEqual({
      key,
      functionArn: functionOf(Object.entries(routes).find(([one]) => one === name)?.[1] ?? ''),
      authorizer: {
        kind: 'jwt',
        issuer: 'https://login.example.com',
        audiences: ['bastions'],
        scopes: ['bastions/use'],
      },
    });
  });

  it.each(Object.entries(workloadRoutes))('for workloads %s is %s, by a token of the CI service', (name, key) => {
    expect(stack.routes).toContainEqual({
      key,
      functionArn: functionOf(Object.entries(routes).find(([one]) => one === name)?.[1] ?? ''),
      authorizer: {
        kind: 'jwt',
        issuer: 'https://token.actions.githubusercontent.com',
        audiences: ['bastions-ci'],
        scopes: [],
      },
    });
  });

  it('leaves the routes of IAM to IAM', () => {
    const signed = stack.routes.filter(({ authorizer }) => authorizer?.kind === 'iam').map(({ key }) => key);
    const { start, look, knownHosts, stop, list } = routes;
    expect(signed.sort()).toEqual([start, look, knownHosts, stop, list].sort());
  });

  it('takes the last part of a scope as well, where the scope is a URI', async () => {
    const settings = { ...signInSettings, oidcAudience: 'api', oidcScopes: 'api://bastions/use' };
    const { template } = await synthesize(settings);
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', {
      RouteKey: personRoutes.start,
      AuthorizationScopes: ['api://bastions/use', 'use'],
    });
  });

  it('without scopes takes tokens for the client alone', async () => {
    const { oidcScopes: _, oidcAudience: __, ...settings } = signInSettings;
    const { template } = await synthesize(settings);
    template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      JwtConfiguration: { Audience: ['bastion-page'] },
    });
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', {
      RouteKey: personRoutes.start,
      AuthorizationScopes: Match.absent(),
    });
  });

  it('for jobs alone has no page, and tells them the audience of their tokens', async () => {
    const { ciIssuer, ciAudience, ciRepositories } = signInSettings;
    const { template } = await synthesize({ ciIssuer, ciAudience, ciRepositories });
    template.resourcePropertiesCountIs('AWS::ApiGatewayV2::Route', { RouteKey: pageRoutes.config }, 1);
    template.resourcePropertiesCountIs('AWS::ApiGatewayV2::Route', { RouteKey: pageRoutes.page }, 0);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { [env.ciAudience]: ciAudience, [env.oidcIssuer]: Match.absent() } },
    });
  });

  it('tells the functions who is let in', () => {
    const variables = stack.functions.map(({ environment }) => environment).filter((one) => env.signIn in one);
    expect(variables.length).toBe(3);
    for (const one of variables) {
      expect(JSON.parse(one[env.signIn] ?? '')).toEqual({
        userClaim: 'email',
        domains: ['example.com', 'Example.org'],
        admins: ['root@example.com', 'group:ops'],
        groups: [],
        groupsClaim: 'groups',
        roles: ['AWSReservedSSO_*'],
      });
      expect(one[env.ciRepositories]).toBe('example/*');
    }
  });

  it('writes the subject of a token into the access log', () => {
    synthesis.template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      AccessLogSettings: { Format: Match.stringLikeRegexp('claims.iss".*claims.sub"') },
    });
  });

  it('gives no function a permission, and the page’s function its own log alone', () => {
    const roles = (resources: Resources) => permissionsInWords(resources).trim().split('\n\n');
    const before = roles(without.resources);
    expect(roles(synthesis.resources).filter((role) => !before.includes(role))).toEqual([
      [
        'FunctionsWebRole',
        '  is taken on by lambda.amazonaws.com',
        '  may logs:CreateLogStream, logs:PutLogEvents',
        '    on <FunctionsWebLog>',
      ].join('\n'),
    ]);
  });

  it('takes issuer, client and audience as tokens', () => {
    const stack = new Stack(new App({ analyticsReporting: false, builtinCloudFormationValidation: false }), 'Mine');
    const pool = new UserPool(stack, 'Pool');
    const client = pool.addClient('Page');
    const signIn = { oidcIssuer: pool.userPoolProviderUrl, oidcClientId: client.userPoolClientId };
    new Bastions(stack, 'Bastions', { bundles, ...signIn, oidcDomains: ['example.com'] });
    Template.fromStack(stack).hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      JwtConfiguration: {
        Issuer: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Pool'), 'ProviderURL'] },
        Audience: [{ Ref: Match.stringLikeRegexp('^PoolPage') }],
      },
    });
  });

  it('says at the synthesis that tokens must be signed with RSA', () => {
    const said = synthesis.app
      .synth()
      .getStackByName('Bastions')
      .messages.map(({ entry }) => String(entry.data));
    expect(said.filter((text) => text.includes('signed with RSA'))).toHaveLength(2);
  });
});

describe('without an issuer', () => {
  it('the stack has no authorizer, route, variable and log field of sign-in', () => {
    const { template } = without;
    template.resourceCountIs('AWS::ApiGatewayV2::Authorizer', 0);
    const text = JSON.stringify(template.toJSON());
    const { signIn, ciRepositories, ciAudience } = env;
    const { oidcIssuer, oidcClientId, oidcAudience, oidcScopes, oidcRedirectUri } = env;
    const ofPeople = [signIn, oidcIssuer, oidcClientId, oidcAudience, oidcScopes, oidcRedirectUri];
    for (const name of [...ofPeople, ciRepositories, ciAudience]) {
      expect(text).not.toContain(`"${name}"`);
    }
    expect(text).not.toMatch(/"(GET|POST|DELETE) \/(me|ci|web)|authorizer\.claims/);
  });

  it('every resource is one that sign-in leaves as it is, but for what it adds', () => {
    const changed = Object.entries(without.resources).filter(([id, resource]) => {
      const other = synthesis.resources[id];
      return JSON.stringify(other) !== JSON.stringify(resource);
    });
    expect(changed.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual(
      ['ApiStage', 'FunctionsSessionsFunction', 'FunctionsStartFunction', 'FunctionsStopFunction'].sort(),
    );
  });
});
