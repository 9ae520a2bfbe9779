// Classifies a folder of pictures: go run folder_to_csv.go http://localhost:9999 FOLDER > result.csv
package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

type answer struct {
	Detail      string
	Predictions []struct {
		Label       string
		Probability float64
	}
}

func classify(server, path string) (answer, error) {
	var said answer
	picture, err := os.ReadFile(path)
	if err != nil {
		return said, err
	}
	response, err := http.Post(server+"/api/classify?top=1", "application/octet-stream", bytes.NewReader(picture))
	if err != nil {
		return said, err
	}
	defer response.Body.Close()
	if json.NewDecoder(response.Body).Decode(&said) != nil || len(said.Predictions) == 0 {
		reason := said.Detail
		if reason == "" { // A proxy's page.
			reason = response.Status
		}
		return said, fmt.Errorf("%s", reason)
	}
	return said, nil
}

func main() {
	table := csv.NewWriter(os.Stdout)
	defer table.Flush()
	table.Write([]string{"file", "label", "probability"})
	entries, err := os.ReadDir(os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		said, err := classify(os.Args[1], filepath.Join(os.Args[2], entry.Name()))
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %s\n", entry.Name(), err)
			continue
		}
		best := said.Predictions[0]
		table.Write([]string{entry.Name(), best.Label, fmt.Sprint(best.Probability)})
	}
}
