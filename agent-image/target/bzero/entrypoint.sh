#!/usr/bin/env bash
# Registers bzero with the activation of this task's handoff, then runs it. ../README.md is the contract.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/../shared/agent.sh"

readonly activation=(SERVICE_URL ACTIVATION_TOKEN ENVIRONMENT_ID)

register() {
  exec bzero -serviceUrl "$SERVICE_URL" -activationToken "$ACTIVATION_TOKEN" -environmentId "$ENVIRONMENT_ID"
}

run_agent bzero "$@"
