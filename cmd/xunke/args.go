package main

import (
	"strconv"

	"github.com/xunke/xunke/catalog"
)

// parseItem reads KIND ID.
func parseItem(args []string) (catalog.Key, error) {
	if len(args) != 2 {
		return catalog.Key{}, catalog.Invalidf("item", "say which: a kind and an id, such as: course 42")
	}
	kind, err := catalog.ParseKind(args[0])
	if err != nil {
		return catalog.Key{}, err
	}
	id, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil || id < 1 {
		return catalog.Key{}, catalog.Invalidf("id", "%q is not a positive number", args[1])
	}
	return catalog.Key{Kind: kind, ID: id}, nil
}

// parseKinds reads the values of --kind.
func parseKinds(names []string) ([]catalog.Kind, error) {
	var kinds []catalog.Kind
	for _, name := range names {
		k, err := catalog.ParseKind(name)
		if err != nil {
			return nil, err
		}
		kinds = append(kinds, k)
	}
	return kinds, nil
}
