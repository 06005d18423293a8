/**
 * The image of each kind.
 * `image`: the prop that names a ready one.
 * `source`: the prop that says what a build starts from, and `argument`: its argument in the Dockerfile.
 * `processor`: x86_64 for the bzero agents, which exist for no other, and else arm64, which costs a fifth less.
 */
export const agentImages = {
  ssh: { image: 'sshImage', source: 'sshBaseImage', argument: 'BASE_IMAGE', processor: 'arm64' },
  ssm: { image: 'ssmImage', source: 'ssmPackageUrl', argument: 'PACKAGE_URL', processor: 'arm64' },
  'bzero-ssm': {
    image: 'bzeroSsmImage',
    source: 'bzeroSsmPackageSource',
    argument: 'PACKAGE_URL',
    processor: 'x86_64',
  },
  bzero: { image: 'bzeroImage', source: 'bzeroPackageSource', argument: 'PACKAGE_URL', processor: 'x86_64' },
} as const;
