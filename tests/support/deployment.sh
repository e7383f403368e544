# People, certificates and papers of a deployed gate; sourced by tests/install/test_deployment.py, as root, in /srv.
set -euo pipefail
umask 0027
NARROWGATE=/opt/narrowgate/bin/narrowgate

authority() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$1.key.pem"
  openssl req -x509 -new -key "$1.key.pem" -days 3650 -subj "/CN=Root $1" -out "$1.pem" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
  touch "$1.index" && echo 01 > "$1.crlnumber"
  printf "[ca]\ndefault_ca=d\n[d]\ndatabase=$1.index\ncrlnumber=$1.crlnumber\ndefault_md=sha256\ndefault_crl_days=7\n" > "$1.cnf"
  openssl ca -config "$1.cnf" -gencrl -keyfile "$1.key.pem" -cert "$1.pem" -out "/etc/narrowgate/revocation/$1.crl" 2> /dev/null
}

# Root, name, key usage, further extensions.
person() {
  local kind=(EC -pkeyopt ec_paramgen_curve:P-256)
  [ "$3" != keyEncipherment ] || kind=(RSA -pkeyopt rsa_keygen_bits:2048)
  openssl genpkey -quiet -algorithm "${kind[@]}" -out "$2.key.pem"
  openssl req -new -key "$2.key.pem" -subj "/CN=$2" -out "$2.csr"
  printf "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,$3\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n${4:-}" > "$2.ext"
  openssl x509 -req -in "$2.csr" -CA "$1.pem" -CAkey "$1.key.pem" -CAcreateserial -days 365 -extfile "$2.ext" -out "$2.pem" 2> /dev/null
}

people() {
  install -d -m 0755 /etc/narrowgate/revocation
  authority custodian
  authority agreed
  for name in custody-1 custody-2 custody-3 indexes; do person custodian $name digitalSignature,nonRepudiation; done
  for name in signatory office; do person agreed $name digitalSignature,nonRepudiation; done
  for name in officer-1 officer-2; do person agreed $name keyEncipherment; done
  person agreed server digitalSignature 'extendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1\n'
  person agreed client digitalSignature 'extendedKeyUsage=clientAuth\n'
  chmod 0644 ./*.pem /etc/narrowgate/revocation/*
  chmod 0600 ./*.key.pem
  # What a card in the reader is to a real officer.
  install -d -m 0700 -o narrowgate-gate -g narrowgate cards
  install -m 0600 -o narrowgate-gate -g narrowgate custody-*.key.pem signatory.key.pem cards/
  install -d -m 0700 -o narrowgate-index -g narrowgate-index builder
  install -m 0600 -o narrowgate-index -g narrowgate-index indexes.key.pem builder/
  useradd --system --no-create-home --user-group narrowgate-requester
  useradd --system --no-create-home --user-group narrowgate-witness
  install -d -m 0700 -o narrowgate-requester -g narrowgate-requester requester
  install -m 0600 -o narrowgate-requester -g narrowgate-requester client.key.pem office.key.pem officer-1.key.pem requester/
}

with() { echo "--key /srv/cards/$1.key.pem --certificate /srv/$1.pem"; }
digest() { openssl x509 -in "$1" -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum | cut -c1-64; }
fingerprint() { openssl x509 -in "$1" -outform DER | sha256sum | cut -c1-64; }

founding() {
  cat > founding.toml <<END
gate = "deployed"
log_origin = "gate.agency.example/deployed"
custodian_root = "custodian.pem"
trust_root = "agreed.pem"
revocation = "/etc/narrowgate/revocation"
requester_signatory = ["signatory.pem"]
index_signer = "indexes.pem"
quorum = 2
checkpoints = "/var/lib/narrowgate-second/checkpoints"
checkpoint_copy = "a directory of its own"
keys = { index = "file:/etc/narrowgate/index.key" }
officer = [
  { id = "custody-1", function = "Disclosure officer", certificates = ["custody-1.pem"] },
  { id = "custody-2", function = "Safeguards officer", certificates = ["custody-2.pem"] },
  { id = "custody-3", function = "Privacy officer", certificates = ["custody-3.pem"] },
]
END
  chmod 0644 founding.toml
}

papers() {
  $NARROWGATE demo --dir data --people 100 --items 10 --quiet > /dev/null 2>&1
  sed -e 's/^id = "sandbox"/id = "deployed"/' -e 's/^title = .*/title = "Deployed"/' -e 's/^sandbox = true/sandbox = false/' \
    -e 's/^items_per_package = .*/items_per_package = 1000/' -e 's/^packages_per_day = .*/packages_per_day = 4/' \
    -e 's/^items_per_day_per_office = .*/items_per_day_per_office = 2000/' -e 's/^caseload_per_officer = .*/caseload_per_officer = 40/' \
    -e 's/^distinct_addresses_per_subject = .*/distinct_addresses_per_subject = 1/' -e 's/^subjects_per_address = .*/subjects_per_address = 10/' \
    -e 's/^identical_reasons = .*/identical_reasons = 5/' \
    -e "s/^schedule = .*/schedule = [$(seq -f '"%02g:00"' -s ', ' 0 23)]/" \
    -e "s/$(digest data/keys/secretary_of_homeland_security.pem)/$(digest office.pem)/" \
    -e "s/$(fingerprint data/keys/root.pem)/$(fingerprint agreed.pem)/" data/agreement.toml > agreement.toml
  cp agreement.toml cards/ && chown narrowgate-gate:narrowgate cards/agreement.toml
  printf 'officer,certificate\nOFF-0001,officer-1.pem\nOFF-0002,officer-2.pem\n' > officers.csv
  chmod 0644 officers.csv
  chmod -R a+rX data
}

# Proposes, signs twice and applies: number, kind, and what it is about.
enact() {
  local number=$1
  shift
  narrowgate_index act propose "$@" --reason "deployed" --config /var/lib/narrowgate --quiet > /dev/null
  narrowgate_index act sign "$number" $(with custody-1) --yes --config /var/lib/narrowgate --quiet 2> /dev/null
  narrowgate_index act sign "$number" $(with custody-2) --yes --config /var/lib/narrowgate --quiet 2> /dev/null
  narrowgate_index act apply "$number" --config /var/lib/narrowgate
}

found() {
  narrowgate_gate custodian found /var/lib/narrowgate --from founding.toml $(with custody-1) $(with custody-2) --yes --quiet > /dev/null
}

put_in_force() {
  narrowgate_gate agreement sign cards/agreement.toml --as custodian $(with custody-1) --root custodian.pem --yes --quiet > /dev/null 2>&1
  narrowgate_gate agreement sign cards/agreement.toml --as requester $(with signatory) --root agreed.pem --yes --quiet > /dev/null 2>&1
  enact 1 agreement-in-force --document cards/agreement.toml
  enact 2 rules-in-force
  narrowgate_gate officers document officers.csv --config /var/lib/narrowgate > cards/officers.json
  chown narrowgate-gate:narrowgate cards/officers.json
  narrowgate_gate officers sign cards/officers.json $(with signatory) --root agreed.pem --yes --quiet > /dev/null 2>&1
  enact 3 register-in-force --document cards/officers.json
}

build_index() {
  runuser -u narrowgate-index -- $NARROWGATE index build /srv/data/records.csv /var/lib/narrowgate-index/index \
    --mapping /srv/data/mapping.toml --key file:/etc/narrowgate/index.key --as-of "$(date -u +%Y-%m-%d)" --workers 1 \
    --signer-key /srv/builder/indexes.key.pem --signer-certificate /srv/indexes.pem --quiet > /dev/null
  enact 4 index-in-force --document /var/lib/narrowgate-index/index
}

intake_settings() {
  install -m 0600 -o narrowgate-intake -g narrowgate server.key.pem /etc/narrowgate/server.key.pem
  install -m 0644 server.pem agreed.pem /etc/narrowgate/
  cat > /etc/narrowgate/intake.toml <<END
listen = "127.0.0.1:18443"
directory = "/var/lib/narrowgate/intake"
notices = "/var/lib/narrowgate/notices"
answers = "/var/lib/narrowgate/answers"
certificate = "server.pem"
key = "server.key.pem"
client_root = "agreed.pem"
revocation = "revocation"
[[client]]
office = "secretary_of_homeland_security"
keys = ["$(digest client.pem)"]
END
  chmod 0644 /etc/narrowgate/intake.toml
}

requester() { cd /srv/requester && setpriv --reuid narrowgate-requester --regid narrowgate-requester --clear-groups "$@"; }
CALL="--url https://127.0.0.1:18443 --certificate /srv/client.pem --key /srv/requester/client.key.pem --server-root /srv/agreed.pem"
