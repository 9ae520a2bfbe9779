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
	err = json.NewDecoder(response.Body).Decode(&said)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s", said.Detail)
	}
	return said, err
}

func main() {
	table := csv.NewWriter(os.Stdout)
	defer table.Flush()
	table.Write([]string{"file", "label", "probability"})
	paths, _ := filepath.Glob(filepath.Join(os.Args[2], "*"))
	for _, path := range paths {
		said, err := classify(os.Args[1], path)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %s\n", filepath.Base(path), err)
			continue
		}
		best := said.Predictions[0]
		table.Write([]string{filepath.Base(path), best.Label, fmt.Sprint(best.Probability)})
	}
}
