# shellcheck shell=bash
# Takes the handoff of this task: the item under the task's own identity, `<role id>:<task id>`, which this task alone can read
# and delete. `fetch_handoff` waits for it. `delete_handoff` says "I am up" with its deletion. Each deletion names the id of the
# item that was read, because another may stand in its place by then. All entrypoints source this file after container.sh. It
# keeps to bash 3.2.
#
# Secrets travel in variables and pipes alone: every user of the machine can read a command line, and a here-string may be a
# file on disk.

# Seconds from the start of the container until credentials, metadata and item must be there.
readonly handoff_seconds=60
# Attempts at the deletion, half a second apart.
readonly deletion_attempts=10
# Seconds after which the item is deleted once more. A late retry of the start function's write may have brought it back.
readonly second_deletion_seconds=20

# The last answer of ECS or DynamoDB. That of `fetch_handoff` holds the item.
answer=
# The id of the item that was read last.
item_id=

check_handoff_variables() {
  need HANDOFF_TABLE HANDOFF_ROLE_ID AWS_REGION ECS_CONTAINER_METADATA_URI_V4
  [[ -n ${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI:-} ]] || need AWS_CONTAINER_CREDENTIALS_FULL_URI
}

# Leaves the item in `answer`. Ends the container if there is none in time.
fetch_handoff() {
  await identify "ECS did not give this task's credentials and id"
  # The start function writes the item after ECS has named the task, so the task may be here first.
  await read_item "the item of this task did not appear in $HANDOFF_TABLE"
  note_id
}

# await COMMAND FAILURE
await() {
  until "$1"; do
    ((SECONDS < handoff_seconds)) || fail 69 "no handoff within $handoff_seconds s: $2; the last answer: $(refusal)"
    sleep 0.2
  done
}

delete_handoff() {
  local attempt=1
  until delete_item; do
    ((attempt++ < deletion_attempts)) ||
      fail 74 "the handoff could not be deleted from $HANDOFF_TABLE; the last answer: $(refusal)"
    sleep 0.5
  done
}

delete_handoff_again() {
  pause "$second_deletion_seconds"
  delete_item || delete_item || log "the second deletion of the handoff failed; the last answer: $(refusal)"
}

# Sets `signing` and `key`: the task's credentials as a configuration of curl, and the key of its item.
identify() {
  local text id secret token
  answer=$(ask_ecs) || true # its answer tells more than its exit code
  text_of AccessKeyId && id=$text && text_of SecretAccessKey && secret=$text && text_of Token && token=$text &&
    text_of TaskARN || return
  printf -v signing 'user = "%s:%s"\nheader = "x-amz-security-token: %s"' "$id" "$secret" "$token"
  key="{\"pk\":{\"S\":\"$HANDOFF_ROLE_ID:${text##*/}\"}}"
}

# text_of NAME  Sets `text` to the text of this name in `answer`. None has a quote, a backslash or a line break.
text_of() {
  local pattern="\"$1\"[[:space:]]*:[[:space:]]*\"([^\"\\[:cntrl:]]+)\""
  [[ $answer =~ $pattern ]] && text=${BASH_REMATCH[1]}
}

# One curl asks for both, the credentials first. Both addresses are on the task's own host.
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
ask_ecs() {
  local options='max-time = 5\nfail-with-body\n'
  {
    if [[ -n ${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI:-} ]]; then
      printf 'url = "http://169.254.170.2%s"\n' "$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
    else
      printf 'url = "%s"\n' "$AWS_CONTAINER_CREDENTIALS_FULL_URI"
    fi
    [[ -z ${AWS_CONTAINER_AUTHORIZATION_TOKEN:-} ]] ||
      printf 'header = "Authorization: %s"\n' "$AWS_CONTAINER_AUTHORIZATION_TOKEN"
    # shellcheck disable=SC2059 # the options are a format
    printf "$options"'next\nurl = "%s/task"\n'"$options" "$ECS_CONTAINER_METADATA_URI_V4"
  } | curl --disable --silent --config -
}

read_item() {
  answer=$(ask_dynamodb GetItem "{\"TableName\":\"$HANDOFF_TABLE\",\"Key\":$key,\"ConsistentRead\":true}") &&
    [[ $answer == *'"Item"'* ]]
}

# note_id  Sets `item_id` to the id of the item in `answer`.
note_id() {
  local pattern='"id": *\{"S": *"([A-Za-z0-9-]{1,64})"\}'
  [[ $answer =~ $pattern ]] ||
    fail 65 'id: got none that names the item of the handoff, expected 1 to 64 letters, digits and hyphens'
  item_id=${BASH_REMATCH[1]}
}

# value_of NAME  Sets `text` to this value of the item in `answer`. JSON escapes a control character, and it becomes one here.
value_of() {
  local pattern="\"$1\": *\\{\"S\": *\"(([^\"\\]|\\\\.)*)\"\\}" backslash=$'\001' control=$'\002'
  [[ $answer =~ $pattern ]] || return
  text=${BASH_REMATCH[1]//\\\\/$backslash}
  text=${text//\\\"/\"}
  text=${text//\\\//\/}
  text=${text//\\u????/$control}
  text=${text//\\?/$control}
  text=${text//$backslash/\\}
}

# An item that is gone, or has another in its place by now, counts as deleted.
delete_item() {
  local condition="\"ConditionExpression\":\"id = :id\",\"ExpressionAttributeValues\":{\":id\":{\"S\":\"$item_id\"}}"
  answer=$(ask_dynamodb DeleteItem "{\"TableName\":\"$HANDOFF_TABLE\",\"Key\":$key,$condition}") ||
    [[ $(refusal) == ConditionalCheckFailedException ]]
}

# ask_dynamodb OPERATION REQUEST
ask_dynamodb() {
  local domain=amazonaws.com
  [[ $AWS_REGION != cn-* ]] || domain=amazonaws.com.cn
  printf '%s\n' "$signing" | curl --disable --silent --max-time 5 --fail-with-body --config - \
    --aws-sigv4 "aws:amz:$AWS_REGION:dynamodb" --header "x-amz-target: DynamoDB_20120810.$1" \
    --header 'content-type: application/x-amz-json-1.0' --data "$2" \
    "${AWS_ENDPOINT_URL:-https://dynamodb.$AWS_REGION.$domain}/"
}

# Prints AWS's name of the error, and never the answer itself, which may hold a secret.
refusal() {
  local name='"(__type|code)": *"([^"]*#)?([A-Za-z]+)"'
  if [[ -z $answer ]]; then
    echo none
  elif [[ $answer == '{}' ]]; then
    echo 'no item'
  elif [[ $answer =~ $name ]]; then
    echo "${BASH_REMATCH[3]}"
  else
    echo 'another than what was asked for'
  fi
}
