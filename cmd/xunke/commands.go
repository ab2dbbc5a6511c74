package main

import "github.com/spf13/cobra"

// commands lists every command; each has a file of its own.
func commands(a *app) []*cobra.Command {
	return []*cobra.Command{
		newServeCommand(a),
		newIndexCommand(a),
		newUpCommand(a),
		newMigrateCommand(a),
		newImportCommand(a),
		newDemoCommand(a),
		newReindexCommand(a),
		newVerifyCommand(a),
		newStatusCommand(a),
		newDoctorCommand(a),
		newExplainCommand(a),
		newDeadLettersCommand(a),
		newRankingsCommand(a),
		newSynonymsCommand(a),
		newReportCommand(a),
		newQueriesCommand(a),
		newPinsCommand(a),
		newCommentsCommand(a),
		newConsultationsCommand(a),
		newJobsCommand(a),
		newMessagesCommand(a),
		newEvalCommand(a),
		newConfigCommand(a),
	}
}
