/** The settings for sign-in. */
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../lib/settings/settings.ts';
import { signInSettings } from '../support/settings.ts';

const { oidcIssuer, oidcClientId, oidcDomains, ciIssuer, ciAudience, ciRepositories } = signInSettings;
const people = { oidcIssuer, oidcClientId, oidcDomains };
const ci = { ciIssuer, ciAudience, ciRepositories };

describe('the settings for sign-in', () => {
  it.each([
    [people, { oidcDomains: ['example.com', 'Example.org'], oidcScopes: [], oidcUserClaim: 'email' }],
    [{ ...people, oidcIssuer: 'http://127.0.0.1:6003' }, { oidcIssuer: 'http://127.0.0.1:6003' }],
    [{ ...people, oidcIssuer: 'https://acme.auth0.com/' }, { oidcIssuer: 'https://acme.auth0.com/' }],
    [{ ...people, oidcAudience: oidcClientId }, { oidcAudience: oidcClientId }],
    [
      { ...people, oidcAudience: 'api://bastions', oidcScopes: 'api://bastions/use' },
      { oidcScopes: ['api://bastions/use'] },
    ],
    [{ ...people, oidcUserClaim: 'https://example.com/mail' }, { oidcUserClaim: 'https://example.com/mail' }],
    [{ ...people, oidcGroupsClaim: 'cognito:groups' }, { oidcGroupsClaim: 'cognito:groups' }],
    [{ ...people, oidcAdmins: 'Ann@EXAMPLE.com, group:ops' }, { oidcAdmins: ['Ann@EXAMPLE.com', 'group:ops'] }],
    [{ ...people, oidcRedirectUri: 'http://[::1]/' }, { oidcRedirectUri: 'http://[::1]/' }],
    [ci, { ciRepositories: ['example/*'] }],
    [{ ...ci, ciRepositories: 'a/b/*/d,a/*-infra' }, { ciRepositories: ['a/b/*/d', 'a/*-infra'] }],
    [{ ...people, ...ci, ciIssuer: oidcIssuer }, { ciIssuer: oidcIssuer }],
  ])('understand %j', (context, expected) => {
    expect(readSettings(context)).toMatchObject(expected);
  });

  it.each([
    [{ ...people, oidcIssuer: 'http://login.example.com' }, 'expected the https URL of an issuer'],
    [{ ...people, oidcIssuer: 'http://127.0.0.1.example.com' }, 'expected the https URL of an issuer'],
    [{ ...people, oidcIssuer: 'http://localhost@example.com' }, 'expected the https URL of an issuer'],
    [{ ...people, oidcIssuer: 'https://login.example.com/#a' }, 'expected the https URL of an issuer'],
    [{ oidcIssuer, oidcDomains }, 'setting oidcClientId: got "", expected a value beside the setting oidcIssuer'],
    [{ oidcIssuer, oidcClientId }, 'setting oidcDomains: got "", expected a value beside the setting oidcIssuer'],
    [{ oidcClientId }, 'setting oidcClientId: got "bastion-page", expected the setting oidcIssuer beside it'],
    [{ oidcScopes: 'a' }, 'setting oidcScopes: got "a", expected the setting oidcIssuer beside it'],
    [{ oidcUserClaim: 'upn' }, 'setting oidcUserClaim: got "upn", expected the setting oidcIssuer beside it'],
    [{ oidcGroups: 'dev' }, 'setting oidcGroups: got "dev", expected the setting oidcIssuer beside it'],
    [{ ...people, oidcAudience: 'api' }, 'expected the setting oidcClientId, or scopes in the setting oidcScopes'],
    [{ ...people, oidcScopes: 'use,openid' }, 'expected scopes of your own, such as bastions/use'],
    [{ ...people, oidcScopes: 'two words' }, 'setting oidcScopes: got "two words", expected scopes without blanks'],
    [{ oidcRedirectUri: 'http://localhost/' }, 'expected the setting oidcIssuer beside it'],
    [{ ...people, oidcRedirectUri: 'http://example.com/callback' }, 'expected a place on the machine of the command'],
    [{ ...people, oidcRedirectUri: 'https://localhost/callback' }, 'expected a place on the machine of the command'],
    [{ ...people, oidcUserClaim: 'e mail' }, 'setting oidcUserClaim: got "e mail", expected the name of a claim'],
    [{ ...people, oidcDomains: '*.example.com' }, 'setting oidcDomains: got "*.example.com", expected domains such as'],
    [{ ...people, oidcDomains: 'com' }, 'setting oidcDomains: got "com", expected domains such as example.com'],
    [{ ...people, oidcAdmins: 'ann' }, 'setting oidcAdmins: got "ann", expected addresses such as ann@example.com'],
    [{ ...people, oidcAdmins: 'group:site ops' }, 'and groups such as group:ops, whose names have no blank'],
    [{ ...people, oidcAdmins: 'ann@example.net' }, 'expected addresses in one of the setting oidcDomains'],
    [{ ...people, oidcAdmins: 'ann@evil-example.com' }, 'expected addresses in one of the setting oidcDomains'],
    [{ ...people, oidcGroups: 'site ops' }, 'setting oidcGroups: got "site ops", expected names of groups'],
    [{ ciIssuer, ciRepositories }, 'setting ciAudience: got "", expected a value beside the setting ciIssuer'],
    [{ ciIssuer, ciAudience }, 'setting ciRepositories: got "", expected a value beside the setting ciIssuer'],
    [{ ciRepositories }, 'setting ciRepositories: got "example/*", expected the setting ciIssuer beside it'],
    [{ ...ci, ciRepositories: '*/*' }, 'setting ciRepositories: got "*/*", expected patterns of repositories whose'],
    [{ ...ci, ciRepositories: 'exa*/a' }, 'expected patterns of repositories whose first part has no *'],
    [{ ...ci, ciRepositories: 'example' }, 'expected patterns of repositories whose first part has no *'],
    [
      { ...people, ...ci, ciIssuer: oidcIssuer, ciAudience: oidcClientId },
      'setting ciAudience: got "bastion-page", expected another audience than that of people',
    ],
  ])('refuse %j', (context, message) => {
    expect(() => readSettings(context)).toThrow(message);
  });
});
