// Verifies a log's checkpoint and its witnesses' cosignatures with golang.org/x/mod/sumdb/note, which shares no code
// with Narrowgate. Arguments: a file with the cosigned note, the log's verifier key, the verifier keys of witnesses.
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// witness verifies cosignature/v1 (C2SP tlog-cosignature), a type that the package note does not have itself.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }
func (w witness) Verify(msg, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	seconds := binary.BigEndian.Uint64(sig[:8])
	signed := "cosignature/v1\ntime " + strconv.FormatUint(seconds, 10) + "\n" + string(msg)
	return ed25519.Verify(w.key, []byte(signed), sig[8:])
}

func parse(vkey string) (witness, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return witness{}, fmt.Errorf("no verifier key")
	}
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil {
		return witness{}, err
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 4 {
		return witness{}, fmt.Errorf("no witness's key")
	}
	return witness{parts[0], uint32(hash), key[1:]}, nil
}

func run() error {
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	log, err := note.NewVerifier(os.Args[2])
	if err != nil {
		return err
	}
	verifiers := []note.Verifier{log}
	for _, vkey := range os.Args[3:] {
		each, err := parse(vkey)
		if err != nil {
			return err
		}
		verifiers = append(verifiers, each)
	}
	opened, err := note.Open(data, note.VerifierList(verifiers...))
	if err != nil {
		return err
	}
	if len(opened.Sigs) != len(verifiers) || len(opened.UnverifiedSigs) != 0 {
		return fmt.Errorf("%d of %d signatures verified", len(opened.Sigs), len(verifiers))
	}
	fmt.Printf("%d signatures verified\n", len(opened.Sigs))
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
