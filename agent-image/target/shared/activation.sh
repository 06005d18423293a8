# shellcheck shell=bash
# Fetches the activation of this task: the item under the task's own identity in the handoff table, which this task alone can
# read. The entrypoints source this file after agent.sh. Keeps to bash 3.2.
#
# Secrets travel in variables and pipes alone: every user of the machine can read a command line, and a here-string may be a
# file on disk.

# Seconds from the start of the container until credentials, identity and item must be there.
readonly handoff_seconds=60

# fetch_activation NAME…  Deletes the item, then exports these variables. Ends the container when it cannot.
fetch_activation() {
  local answer='' signing identity item key name
  need HANDOFF_TABLE AWS_REGION
  [[ -n ${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI:-} ]] || need AWS_CONTAINER_CREDENTIALS_FULL_URI

  retry_until '"AccessKeyId"' "the task's credentials were not available" fetch_credentials
  signing=$(printf %s "$answer" | jq -r '
    "user = " + ("\(.AccessKeyId):\(.SecretAccessKey)" | tojson),
    "header = " + ("x-amz-security-token: \(.Token)" | tojson)')

  retry_until '</UserId>' "AWS did not say who this task is" fetch_identity
  identity=${answer#*<UserId>}
  identity=${identity%%</UserId>*}

  key="{\"TableName\":\"$HANDOFF_TABLE\",\"Key\":{\"pk\":{\"S\":\"$identity\"}}}"
  # The start function writes the item after ECS has named the task, so the task may be here first.
  retry_until '"Item"' "the activation did not appear in $HANDOFF_TABLE" on_item GetItem
  item=$answer
  # An item that stays could be read by others. No agent is better than that.
  retry_until '{' "the activation could not be deleted from $HANDOFF_TABLE" on_item DeleteItem

  for name; do
    printf -v "$name" %s "$(printf %s "$item" | jq -r --arg name "$name" '.Item.values.M[$name].S // ""')"
    [[ -n ${!name} || $name == ENVIRONMENT_ID ]] || fail 64 "$name: got nothing in the handoff, expected its value"
  done
  # Exported last, so that the programs above inherit no secret.
  # shellcheck disable=SC2163 # the names are the arguments
  export "$@"
  # The vendor's agent must not take the task's credentials for its own.
  unset AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_AUTHORIZATION_TOKEN
}

# need NAME…  Ends the container when one of these variables is empty.
need() {
  local name
  for name; do
    [[ -n ${!name:-} ]] || fail 64 "$name: got nothing, expected what the task definition or ECS sets"
  done
}

# retry_until PART FAILURE COMMAND…  Repeats the command until it succeeds with PART in its output, and sets `answer` to that.
retry_until() {
  until answer=$("${@:3}") && [[ $answer == *"$1"* ]]; do
    ((SECONDS < handoff_seconds)) || fail 1 "$2 within $handoff_seconds s; the last answer: $(refusal)"
    sleep 0.5
  done
}

# Prints AWS's name of the error, and never the answer itself, which may be the activation.
refusal() {
  local json='"(__type|code)": *"([^"]*#)?([A-Za-z]+)"' xml='<Code>([A-Za-z]+)</Code>'
  if [[ -z $answer ]]; then
    echo none
  elif [[ $answer == '{}' ]]; then
    echo 'no item'
  elif [[ $answer =~ $json ]]; then
    echo "${BASH_REMATCH[3]}"
  elif [[ $answer =~ $xml ]]; then
    echo "${BASH_REMATCH[1]}"
  else
    echo 'not what was asked for'
  fi
}

# https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
fetch_credentials() { credentials_request | send; }

credentials_request() {
  if [[ -n ${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI:-} ]]; then
    printf 'url = "http://169.254.170.2%s"\n' "$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
  else
    printf 'url = "%s"\n' "$AWS_CONTAINER_CREDENTIALS_FULL_URI"
  fi
  [[ -z ${AWS_CONTAINER_AUTHORIZATION_TOKEN:-} ]] ||
    printf 'header = "Authorization: %s"\n' "$AWS_CONTAINER_AUTHORIZATION_TOKEN"
}

# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
# The UserId is, letter by letter, the `aws:userid` that the task role's policy compares the item's key with.
fetch_identity() { send_signed sts --data 'Action=GetCallerIdentity&Version=2011-06-15'; }

# on_item OPERATION
on_item() {
  send_signed dynamodb --header "x-amz-target: DynamoDB_20120810.$1" --header 'content-type: application/x-amz-json-1.0' \
    --data "$key"
}

# send_signed SERVICE OPTION…
send_signed() {
  printf '%s\n' "$signing" | send --aws-sigv4 "aws:amz:$AWS_REGION:$1" "${@:2}" \
    "${AWS_ENDPOINT_URL:-https://$1.$AWS_REGION.amazonaws.com}/"
}

# send OPTION…  Sends one request. Its secrets come on stdin, as curl's configuration.
send() { curl --disable --silent --max-time 5 --fail-with-body --config - "$@"; }
