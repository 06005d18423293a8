/**
 * The image of each kind.
 * `image`: the prop that names a ready one.
 * `source`: the prop that says what a build starts from, and `argument`: its argument in the Dockerfile.
 */
export const agentImages = {
  ssh: { image: 'sshImage', source: 'sshBaseImage', argument: 'BASE_IMAGE' },
  ssm: { image: 'ssmImage', source: 'ssmPackageUrl', argument: 'PACKAGE_URL' },
  'bzero-ssm': { image: 'bzeroSsmImage', source: 'bzeroSsmPackageSource', argument: 'PACKAGE_URL' },
  bzero: { image: 'bzeroImage', source: 'bzeroPackageSource', argument: 'PACKAGE_URL' },
} as const;
