/** The SDK's chain of credential providers: profiles, single sign-on, containers and the rest. It takes long to load. */
export { defaultProvider } from '@aws-sdk/credential-provider-node';
