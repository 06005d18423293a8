/** A workload with a token of a CI service. */
import { userPattern } from '../../../contracts/api.ts';
import { Forbidden } from '../../core/session/errors.ts';
import { shown } from '../../core/session/shown.ts';
import { claimOf, type HttpEvent } from '../event.ts';
import type { Caller } from './caller.ts';
import { matches } from './pattern.ts';

/**
 * The name of a workload joins these by `=`. None of them has an `@`, so that no workload bears a person's name.
 */
const part = /^[A-Za-z0-9_.-]+$/;

/** True for the user name of a workload of the repositories. Names that differ only in case are one. */
export function isWorkloadIn(repositories: readonly string[], name: string): boolean {
  const repository = name.split('=').slice(0, -1).join('/').toLowerCase();
  return repositories.some((pattern) => matches(pattern.toLowerCase(), repository));
}

/**
 * Throws `Forbidden` for a token that names no workload of the repositories.
 * @param repositories patterns in which `*` matches anything but `/`
 */
export function workloadOf(event: HttpEvent, id: string, repositories: readonly string[]): Caller {
  // https://docs.github.com/en/actions/reference/security/oidc
  // https://docs.gitlab.com/ci/secrets/id_token_authentication/
  const repository = claimOf(event, 'repository') ?? claimOf(event, 'project_path');
  if (repository === undefined) {
    throw new Forbidden(
      'The token has neither a claim repository nor a claim project_path, expected one of GitHub or GitLab.',
    );
  }
  if (!repositories.some((pattern) => matches(pattern, repository))) {
    throw new Forbidden(
      `The repository ${shown(repository, 80)} is none of those that may use this deployment. Ask its operator (setting ciRepositories).`,
    );
  }
  const environment = claimOf(event, 'environment');
  if (environment === undefined) {
    throw new Forbidden(
      'The token names no environment. Give the job one, because the environment is a part of its user name.',
    );
  }
  const parts = [...repository.split('/'), environment];
  const name = parts.join('=');
  if (!parts.every((one) => part.test(one)) || !userPattern.test(name)) {
    throw new Forbidden(
      `The user name of this workload: got "${shown(name, 120)}", expected at most 64 characters, and in the names of repository ` +
        'and environment none but A-Z a-z 0-9 _ . -. Choose another name for the environment.',
    );
  }
  return { id, name, isAdmin: false };
}
