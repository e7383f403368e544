// A second verifier of a log directory, which shares no code with Narrowgate: Go, and golang.org/x/mod/sumdb from Debian.
//
// second [-files] [-key FILE] DIR...   prints "ok DIR" or "BAD DIR: why" for each; exit code 1 where one is bad.
//
// It checks the signature, every leaf's hash, every tile and older partial file, the root, and that nothing else lies
// there; and, without -files, that the leaves are JSON whose packages, rows and counts follow one another.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type log struct {
	dir     string
	size    int64
	pending map[string]bool // files not compared yet
	onlyIO  bool
	rows    map[string]*pkg
	carried bool
}

type pkg struct {
	rows, next, answered, refused int64
	byRule                        map[string]int64
	decided                       bool
}

func fail(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func (l *log) read(name string) []byte {
	data, err := os.ReadFile(filepath.Join(l.dir, name))
	if err != nil {
		fail("%s: %v", name, err)
	}
	delete(l.pending, name)
	return data
}

// path is that of a tile: level -1 are entries (C2SP tlog-tiles).
func path(level int, n int64, width int) string {
	name := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	kind := strconv.Itoa(level)
	if level < 0 {
		kind = "entries"
	}
	if width < 256 {
		name += fmt.Sprintf(".p/%d", width)
	}
	return "tile/" + kind + "/" + name
}

// compare wants a file to hold data, and each older partial one, of `hashes` or entries, to be its beginning.
func (l *log) compare(level int, n int64, width int, begin func(width int) []byte) {
	if name := path(level, n, width); !bytes.Equal(l.read(name), begin(width)) {
		fail("%s does not hold what follows from the leaves", name)
	}
	folder := strings.TrimSuffix(path(level, n, 1), "1")
	old, _ := os.ReadDir(filepath.Join(l.dir, folder))
	for _, each := range old {
		w, err := strconv.Atoi(each.Name())
		if err == nil && 0 < w && w < width && path(level, n, w) == folder+each.Name() {
			if !bytes.Equal(l.read(folder+each.Name()), begin(w)) {
				fail("%s is not the beginning of the fuller tile", folder+each.Name())
			}
		}
	}
}

func root(nodes []tlog.Hash) tlog.Hash { // of equally tall subtrees followed by a shorter one
	for len(nodes) > 1 {
		var above []tlog.Hash
		for i := 0; i+1 < len(nodes); i += 2 {
			above = append(above, tlog.NodeHash(nodes[i], nodes[i+1]))
		}
		if len(nodes)%2 == 1 {
			above = append(above, nodes[len(nodes)-1])
		}
		nodes = above
	}
	return nodes[0]
}

func (l *log) tiles(level int, hashes []tlog.Hash, n int64) { // one tile of a level
	l.compare(level, n, len(hashes), func(width int) []byte {
		var data []byte
		for _, hash := range hashes[:width] {
			data = append(data, hash[:]...)
		}
		return data
	})
}

func (l *log) walk() tlog.Hash {
	var roots, full []tlog.Hash
	for n := int64(0); n*256 < l.size; n++ {
		width := 256
		if l.size-n*256 < 256 {
			width = int(l.size - n*256)
		}
		data := l.read(path(-1, n, width))
		var ends []int
		var hashes []tlog.Hash
		for at := 0; at < len(data); {
			if len(data)-at < 2 || len(data)-at-2 < int(binary.BigEndian.Uint16(data[at:])) {
				fail("%s is torn", path(-1, n, width))
			}
			end := at + 2 + int(binary.BigEndian.Uint16(data[at:]))
			hashes = append(hashes, tlog.RecordHash(data[at+2:end]))
			if !l.onlyIO {
				l.leaf(data[at+2 : end])
			}
			at, ends = end, append(ends, end)
		}
		if len(hashes) != width {
			fail("%s has %d leaves", path(-1, n, width), len(hashes))
		}
		l.compare(-1, n, width, func(w int) []byte { return data[:ends[w-1]] })
		l.tiles(0, hashes, n)
		roots = append(roots, root(hashes))
	}
	for level, below := 1, roots[:l.size/256]; len(below) > 0; level, below, full = level+1, full, nil {
		for n := 0; n*256 < len(below); n++ {
			hashes := below[n*256:]
			if len(hashes) > 256 {
				hashes = hashes[:256]
			}
			l.tiles(level, hashes, int64(n))
			if len(hashes) == 256 {
				full = append(full, root(hashes))
			}
		}
	}
	if len(roots) == 0 {
		return tlog.Hash{0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
			0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55}
	}
	return root(roots)
}

func (l *log) leaf(data []byte) {
	var f struct {
		Type, Package, Class, Act, Subject string
		Row, Answered, Refused             int64
		Rows                               json.RawMessage // a count, or ranges of what is recalled
		Findings                           []string
		ByRule                             map[string]int64 `json:"refusals_by_rule"`
	}
	if err := json.Unmarshal(data, &f); err != nil {
		fail("a leaf is no JSON")
	}
	p := l.rows[f.Package]
	open := p != nil && !p.decided
	switch f.Type {
	case "package-received":
		if p != nil {
			fail("%s was received twice", f.Package)
		}
		rows, err := strconv.ParseInt(string(f.Rows), 10, 64)
		if err != nil {
			fail("the rows of %s are no count", f.Package)
		}
		l.rows[f.Package] = &pkg{rows: rows, byRule: map[string]int64{}}
	case "item-decided":
		if !open || f.Row != p.next || f.Row >= p.rows || (f.Class == "refused") != (len(f.Findings) > 0) {
			fail("row %d of %s is out of order", f.Row, f.Package)
		}
		p.next++
		if f.Class == "answered" {
			p.answered++
		} else {
			p.refused++
		}
		for _, rule := range f.Findings {
			p.byRule[rule]++
		}
	case "package-decided":
		if !open || p.next != p.rows || f.Answered != p.answered || f.Refused != p.refused ||
			fmt.Sprint(f.ByRule) != fmt.Sprint(p.byRule) {
			fail("the counts of %s are not those of its items", f.Package)
		}
		p.decided = true
	case "package-released", "release-delayed", "answers-expired":
		if p == nil || !p.decided {
			fail("%s was released before it was decided", f.Package)
		}
	case "answers-recalled", "disposal-receipt":
		if p == nil || !p.decided {
			fail("answers of %s were recalled before it was decided", f.Package)
		}
	case "history-carried":
		if l.carried || len(l.rows) > 0 {
			fail("a history was carried over twice, or after the first package")
		}
		l.carried = true
	case "data-key-destroyed":
		if p == nil {
			fail("a data key of %s was destroyed, which was not received", f.Package)
		}
	}
}

func verify(dir, vkey string, onlyIO bool) (bad any) {
	defer func() { bad = recover() }()
	l := &log{dir: dir, pending: map[string]bool{}, onlyIO: onlyIO, rows: map[string]*pkg{}}
	err := filepath.WalkDir(dir, func(at string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(dir, at)
			l.pending[filepath.ToSlash(name)] = true
			if !entry.Type().IsRegular() {
				fail("%s is neither a file nor a directory", name)
			}
		}
		return err
	})
	if err != nil {
		fail("%v", err)
	}
	beside := string(l.read("log.vkey"))
	if vkey == "" {
		vkey = strings.TrimSuffix(beside, "\n")
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil || beside != vkey+"\n" {
		fail("the key beside the log is not the key to verify with: %v", err)
	}
	signed, err := note.Open(l.read("checkpoint"), note.VerifierList(verifier))
	if err != nil {
		fail("checkpoint: %v", err)
	}
	for _, each := range signed.Sigs { // the package reads base64 with any last bits
		if _, err := base64.StdEncoding.Strict().DecodeString(each.Base64); err != nil {
			fail("checkpoint: the signature is spelled in a second way")
		}
	}
	lines := strings.Split(signed.Text, "\n")
	wanted, err := base64.StdEncoding.Strict().DecodeString(lines[2%len(lines)])
	if err != nil || len(lines) < 4 || lines[0] != verifier.Name() || len(wanted) != 32 {
		fail("the note is no checkpoint of this log")
	}
	if l.size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || strconv.FormatInt(l.size, 10) != lines[1] {
		fail("the checkpoint has no size")
	}
	if found := l.walk(); !bytes.Equal(found[:], wanted) {
		fail("the leaves have another root than the checkpoint")
	}
	for name := range l.pending {
		if name != "cosigned" && !strings.HasPrefix(name, "aside/") && !l.isBeyond(name) {
			fail("%s does not belong to the log", name)
		}
	}
	return nil
}

// isBeyond tells whether a file is one of an append that nobody was told of: a tile that the checkpoint does not cover.
func (l *log) isBeyond(name string) bool {
	whole := strings.TrimSuffix(name, ".new")
	if whole != name && (whole == "checkpoint" || whole == "cosigned" || whole == "log.vkey") {
		return true
	}
	parts := strings.SplitN(strings.TrimPrefix(whole, "tile/"), "/", 2)
	level, err := strconv.Atoi(strings.Replace(parts[0], "entries", "-1", 1))
	if err != nil || len(parts) < 2 {
		return false
	}
	number, partial, cut := strings.Cut(parts[1], ".p/")
	n, err := strconv.ParseInt(strings.NewReplacer("x", "", "/", "").Replace(number), 10, 64)
	width := 256
	if cut {
		width, _ = strconv.Atoi(partial)
	}
	if err != nil || width < 1 || path(level, n, width) != whole {
		return false
	}
	covered := l.size
	for ; level > 0; level-- {
		covered >>= 8
	}
	return whole != name || n*256+int64(width) > covered
}

func main() {
	files := flag.Bool("files", false, "look at files and hashes only, not at what the leaves say")
	key := flag.String("key", "", "file with the log's published key; else the one beside the log")
	flag.Parse()
	vkey, code := "", 0
	if *key != "" {
		data, err := os.ReadFile(*key)
		if err != nil {
			fail("%v", err)
		}
		vkey = strings.TrimSuffix(string(data), "\n")
	}
	for _, dir := range flag.Args() {
		if bad := verify(dir, vkey, *files); bad != nil {
			fmt.Printf("BAD %s: %v\n", dir, bad)
			code = 1
		} else {
			fmt.Printf("ok %s\n", dir)
		}
	}
	os.Exit(code)
}
